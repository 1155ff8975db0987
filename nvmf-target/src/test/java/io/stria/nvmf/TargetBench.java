package io.stria.nvmf;

import io.stria.nvme.AnaState;
import io.stria.runtime.IdleStrategy;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.ReactorCounters;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;

/**
 * Measures the target over loopback: a device in memory on one reactor, a host on another.
 *
 * <pre>
 *   java TargetBench READ|WRITE BLOCKS DEPTH SECONDS [io_uring|nio [sleep|spin|adapt]]
 * </pre>
 *
 * The idle strategy is that of both reactors: asleep, spinning for a while after work, or only
 * while work comes fast.
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
        String engine = arguments.length > 4 ? arguments[4] : "io_uring";
        IdleStrategy idle = idle(arguments.length > 5 ? arguments[5] : "spin");
        try (Reactor node = reactor("target", engine, idle, memory);
                Reactor client = reactor("host", engine, idle, memory)) {
            InetSocketAddress address = serve(node, memory);
            LoadHost host = new LoadHost(client.engine(), address, World.NQN, load);
            host.start();
            node.start();
            client.start();
            Thread.sleep(3000);
            for (int i = 0; i < seconds; i++) {
                report(host, load, node.counters());
            }
        }
    }

    private static Reactor reactor(String name, String engine, IdleStrategy idle, Memory memory)
            throws IOException {
        return new Reactor(
                ReactorConfig.named(name).idling(idle),
                engine.equals("nio")
                        ? new NioEngine(NioConfig.DEFAULT, memory)
                        : new IoUringEngine(UringConfig.DEFAULT, memory));
    }

    private static IdleStrategy idle(String name) {
        return switch (name) {
            case "sleep" -> IdleStrategy.sleep();
            case "spin" -> IdleStrategy.spinThenSleep(SPIN_NS);
            case "adapt" -> IdleStrategy.spinWhileBusy(SPIN_NS);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** CPU time of the thread with this name. */
    private static long cpuNs(String name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.threadId()))
                .sum();
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

    private static void report(LoadHost host, LoadHost.Load load, ReactorCounters target)
            throws InterruptedException {
        long loopsBefore = target.loops();
        long sleepsBefore = target.sleeps();
        long cpuBefore = cpuNs("target");
        long before = host.done();
        long latencyBefore = host.latencyNs();
        long beginNs = System.nanoTime();
        Thread.sleep(1000);
        long done = host.done() - before;
        double elapsed = (System.nanoTime() - beginNs) / 1e9;
        double each = Math.max(1, done);
        System.out.printf(
                Locale.ROOT,
                "%s %,.0f/s, %.0f MiB/s, mean %.1f us, target %.2f us CPU, %.2f loops and %.3f sleeps"
                        + " each, failed %d%n",
                load,
                done / elapsed,
                done * load.blocks() / elapsed / 256,
                (host.latencyNs() - latencyBefore) / 1e3 / each,
                (cpuNs("target") - cpuBefore) / 1e3 / each,
                (target.loops() - loopsBefore) / each,
                (target.sleeps() - sleepsBefore) / each,
                host.failed());
    }
}
