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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A process with one volume in memory and two targets that present it, as two nodes would: one path
 * is optimized, the other inaccessible. Which one stands in a file, with the size in blocks; the
 * process follows what is written there:
 *
 * <pre>
 *   java TwoPathTarget ADDRESS ADDRESS FILE      FILE: "INDEX BLOCKS"
 * </pre>
 */
public final class TwoPathTarget {
    static final String NQN = "nqn.2026-11.io.stria:volume:system-test";
    static final int PORT = 4420;
    static final long BLOCKS_MAX = 1 << 17;

    private static final UUID ID = UUID.fromString("0b5a1f3c-7d2e-4c1b-9a55-2f6d8e904a11");
    private static final long FILE_CHECK_NS = 20_000_000;
    private static final long DRAIN_CHECK_NS = 1_000_000;

    private final Reactor reactor;
    private final Path orders;
    private final MemoryVolume device;
    private final List<VolumeSubsystem> paths = new ArrayList<>();
    private String lastOrder = "";
    private int owner = -1;

    private TwoPathTarget(Reactor reactor, Memory memory, Path orders) {
        this.reactor = reactor;
        this.orders = orders;
        this.device = new MemoryVolume(memory, BLOCKS_MAX);
        reactor.addPoller(device);
    }

    public static void main(String[] arguments) throws IOException {
        Memory memory = new Memory();
        Reactor reactor =
                new Reactor(
                        ReactorConfig.named("target"),
                        new IoUringEngine(UringConfig.DEFAULT, memory));
        TwoPathTarget process = new TwoPathTarget(reactor, memory, Path.of(arguments[2]));
        for (int i = 0; i < 2; i++) {
            process.addPath(memory, arguments[i], i);
        }
        process.followOrders();
        reactor.start();
    }

    private void addPath(Memory memory, String address, int index) throws IOException {
        TargetConfig config =
                TargetConfig.of(
                        new InetSocketAddress(InetAddress.ofLiteral(address), PORT),
                        ControllerIds.ofNode(index + 1, System.nanoTime()));
        NvmfTarget target = new NvmfTarget(reactor.engine(), reactor.timers(), memory, config);
        VolumeSubsystem volume =
                new VolumeSubsystem(SubsystemIdentity.of(NQN, ID, "test"), BLOCKS_MAX);
        volume.setOptimalBlocks(256);
        paths.add(volume);
        target.add(volume);
        target.add(new DiscoverySubsystem(new BothPaths(List.of(address)), "test"));
        target.listen();
    }

    private record BothPaths(List<String> addresses) implements DiscoverySource {
        @Override
        public long generation() {
            return 1;
        }

        @Override
        public List<DiscoveryPath> paths(HostIdentity host) {
            return addresses.stream()
                    .map(InetAddress::ofLiteral)
                    .map(address -> new DiscoveryPath(NQN, new InetSocketAddress(address, PORT), 1))
                    .toList();
        }
    }

    private void followOrders() {
        String order = read();
        if (!order.equals(lastOrder)) {
            lastOrder = order;
            String[] words = order.split(" ");
            long blocks = Long.parseLong(words[1]);
            paths.forEach(path -> path.resize(blocks));
            moveTo(Integer.parseInt(words[0]));
        }
        reactor.timers().schedule(FILE_CHECK_NS, this::followOrders);
    }

    private String read() {
        try {
            return Files.readString(orders).strip();
        } catch (IOException e) {
            return lastOrder;
        }
    }

    /** As an owner hands over: nothing new, then nothing in flight, then the next one serves. */
    private void moveTo(int next) {
        if (next == owner) {
            return;
        }
        if (owner >= 0) {
            VolumeSubsystem before = paths.get(owner);
            before.setAnaState(AnaState.INACCESSIBLE);
            if (before.inFlight() > 0) {
                reactor.timers().schedule(DRAIN_CHECK_NS, () -> moveTo(next));
                return;
            }
            before.setDevice(null);
        }
        owner = next;
        paths.get(next).setDevice(device);
        paths.get(next).setAnaState(AnaState.OPTIMIZED);
    }
}
