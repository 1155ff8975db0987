package io.stria.nvmf;

import io.stria.nvme.AnaState;
import io.stria.runtime.IdleStrategy;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;

/**
 * Measures the target over loopback: a device in memory on one reactor, a host on another.
 *
 * <pre>
 *   java TargetBench READ|WRITE BLOCKS DEPTH SECONDS
 * </pre>
 */
final class TargetBench {
    private static final long SPIN_NS = 50_000;

    private TargetBench() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        LoadHost.Load load =
                new LoadHost.Load(
                        arguments[0].equals("WRITE"),
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[2]),
                        1 << 15);
        int seconds = Integer.parseInt(arguments[3]);
        Memory memory = new Memory();
        try (Reactor node = reactor("target", memory);
                Reactor client = reactor("host", memory)) {
            InetSocketAddress address = serve(node, memory);
            LoadHost host = new LoadHost(client.engine(), address, World.NQN, load);
            host.start();
            node.start();
            client.start();
            Thread.sleep(3000);
            for (int i = 0; i < seconds; i++) {
                report(host, load);
            }
        }
    }

    private static Reactor reactor(String name, Memory memory) throws IOException {
        return new Reactor(
                ReactorConfig.named(name).idling(IdleStrategy.spinThenSleep(SPIN_NS)),
                new IoUringEngine(UringConfig.DEFAULT, memory));
    }

    private static InetSocketAddress serve(Reactor node, Memory memory) throws IOException {
        InstantDevice device = new InstantDevice(memory.allocate("device", 128L << 20));
        node.addPoller(device);
        TargetConfig config =
                TargetConfig.of(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ControllerIds.ofNode(1, 0));
        NvmfTarget target = new NvmfTarget(node.engine(), node.timers(), memory, config);
        VolumeSubsystem volume =
                new VolumeSubsystem(
                        SubsystemIdentity.of(World.NQN, World.ID, "1.0"), device.blocks());
        volume.setDevice(device);
        volume.setAnaState(AnaState.OPTIMIZED);
        target.add(volume);
        return target.listen();
    }

    private static void report(LoadHost host, LoadHost.Load load) throws InterruptedException {
        long before = host.done();
        long latencyBefore = host.latencyNs();
        long beginNs = System.nanoTime();
        Thread.sleep(1000);
        long done = host.done() - before;
        double elapsed = (System.nanoTime() - beginNs) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%s %,.0f/s, %.0f MiB/s, mean %.1f us, failed %d%n",
                load,
                done / elapsed,
                done * load.blocks() / elapsed / 256,
                (host.latencyNs() - latencyBefore) / 1e3 / Math.max(1, done),
                host.failed());
    }
}
