package io.stria.systemtests.nvmf;

import io.stria.nvme.AnaState;
import io.stria.nvmf.ControllerIds;
import io.stria.nvmf.DiscoveryPath;
import io.stria.nvmf.DiscoverySource;
import io.stria.nvmf.DiscoverySubsystem;
import io.stria.nvmf.HostIdentity;
import io.stria.nvmf.NvmfTarget;
import io.stria.nvmf.SubsystemIdentity;
import io.stria.nvmf.TargetConfig;
import io.stria.nvmf.VolumeSubsystem;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * A process that stands for one node: a target that presents a volume which it shares with the
 * processes of the other paths. It follows what is written in a file: which path is the optimized
 * one, and the size in blocks.
 *
 * <pre>
 *   java PathTarget INDEX ORDERS VOLUME ADDRESS...      ORDERS: "INDEX BLOCKS"
 * </pre>
 */
public final class PathTarget {
    public static final String NQN = "nqn.2026-11.io.stria:volume:system-test";
    public static final int PORT = 4420;

    /** What it prints as soon as it can be connected to. */
    public static final String LISTENING = "listening";

    public static final long BLOCKS_MAX = 1 << 17;

    private static final UUID ID = UUID.fromString("0b5a1f3c-7d2e-4c1b-9a55-2f6d8e904a11");
    private static final long CHECK_NS = 10_000_000;

    private final Reactor reactor;
    private final int index;
    private final Path orders;
    private final MemoryVolume device;
    private final VolumeSubsystem volume =
            new VolumeSubsystem(SubsystemIdentity.of(NQN, ID, "test"), BLOCKS_MAX);

    private PathTarget(Reactor reactor, int index, Path orders, MemoryVolume device) {
        this.reactor = reactor;
        this.index = index;
        this.orders = orders;
        this.device = device;
    }

    public static void main(String[] arguments) throws IOException {
        Memory memory = new Memory();
        Reactor reactor =
                new Reactor(
                        ReactorConfig.named("target"),
                        new IoUringEngine(UringConfig.DEFAULT, memory));
        MemoryVolume device = new MemoryVolume(Path.of(arguments[2]), BLOCKS_MAX);
        reactor.addPoller(device);
        int index = Integer.parseInt(arguments[0]);
        List<String> addresses = Arrays.asList(arguments).subList(3, arguments.length);
        PathTarget path = new PathTarget(reactor, index, Path.of(arguments[1]), device);
        path.followOrders();
        path.listen(memory, addresses);
        System.out.println(LISTENING);
        reactor.start();
    }

    private void listen(Memory memory, List<String> addresses) throws IOException {
        TargetConfig config =
                TargetConfig.of(
                        new InetSocketAddress(InetAddress.ofLiteral(addresses.get(index)), PORT),
                        ControllerIds.ofNode(index + 1, System.nanoTime()));
        NvmfTarget target = new NvmfTarget(reactor.engine(), reactor.timers(), memory, config);
        volume.setPageBlocks(256);
        target.add(volume);
        target.add(new DiscoverySubsystem(new AllPaths(addresses), "test"));
        target.listen();
    }

    private record AllPaths(List<String> addresses) implements DiscoverySource {
        @Override
        public long generation() {
            return 1;
        }

        @Override
        public List<DiscoveryPath> paths(HostIdentity host) {
            return pathsTo(NQN);
        }

        @Override
        public List<DiscoveryPath> ports() {
            return pathsTo(DiscoverySubsystem.NQN);
        }

        private List<DiscoveryPath> pathsTo(String nqn) {
            return addresses.stream()
                    .map(InetAddress::ofLiteral)
                    .map(address -> new DiscoveryPath(nqn, new InetSocketAddress(address, PORT), 1))
                    .toList();
        }
    }

    private void followOrders() {
        String[] words = read().split(" ");
        volume.resize(Long.parseLong(words[1]));
        boolean mine = Integer.parseInt(words[0]) == index;
        volume.setDevice(mine ? device : null);
        volume.setAnaState(mine ? AnaState.OPTIMIZED : AnaState.INACCESSIBLE);
        reactor.timers().schedule(CHECK_NS, this::followOrders);
    }

    private String read() {
        try {
            return Files.readString(orders).strip();
        } catch (IOException e) {
            throw new IllegalStateException("no orders", e);
        }
    }
}
