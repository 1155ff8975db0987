package io.stria.nvmf;

import io.stria.nvme.AnaState;
import io.stria.runtime.Memory;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import io.stria.runtime.sim.TcpConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.UUID;

/** A simulated node with a target and a volume, and a host beside it. */
final class World implements AutoCloseable {
    static final long SEED = Long.getLong("stria.seed", 1);
    static final String NQN = "nqn.2026-11.io.stria:volume:one";
    static final UUID ID = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
    static final int BLOCKS = 4096;
    static final BufferConfig FEW_BUFFERS = new BufferConfig(8192, 64, 128 * 1024, 16, 1 << 20, 2);

    /** All of them, of any size. */
    static int count(BufferConfig buffers) {
        return buffers.smallCount() + buffers.largeCount() + buffers.hugeCount();
    }

    final Simulation simulation = new Simulation(SEED);
    final SimulatedNetwork network = new SimulatedNetwork(simulation);
    final Memory memory = new Memory();
    final SimulatedEngine node;
    final SimulatedEngine host;
    final NvmfTarget target;
    final MemoryDevice device;
    final VolumeSubsystem volume;
    final InetSocketAddress address;

    World() {
        this(FEW_BUFFERS, TcpConfig.linux());
    }

    World(BufferConfig buffers, TcpConfig tcp) {
        this(
                TargetConfig.of(
                                new InetSocketAddress("10.0.0.1", 4420),
                                new ControllerIds(4097, 8192, 4100))
                        .withBuffers(buffers),
                tcp);
    }

    World(TargetConfig config, TcpConfig tcp) {
        network.tcp(tcp);
        simulation.traceLast(50);
        node = network.addHost("node", "10.0.0.1", "10.0.0.11").start();
        host = network.addHost("host", "10.0.0.2", "10.0.0.22").start();
        target = new NvmfTarget(node, node.timers(), memory, config);
        device = new MemoryDevice(node.timers(), BLOCKS);
        volume = new VolumeSubsystem(SubsystemIdentity.of(NQN, ID, "1.0"), BLOCKS);
        volume.setDevice(device);
        volume.setAnaState(AnaState.OPTIMIZED);
        target.add(volume);
        address = listen(config.address());
    }

    InetSocketAddress listen(InetSocketAddress on) {
        try {
            return target.listen(on);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TestHost connect() {
        return connect(HostQueue.Style.PLAIN);
    }

    TestHost connect(HostQueue.Style style) {
        return new TestHost(host, address, NQN, style);
    }

    void runFor(long durationNs) {
        simulation.runFor(durationNs);
    }

    static byte[] pattern(long seed, int bytes) {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        return data;
    }

    /** Closes all, and checks that nothing was left behind. */
    @Override
    public void close() {
        device.letGo();
        target.close();
        simulation.runFor(1_000_000_000L);
        if (target.connections() != 0
                || !memory.outstandingBytes().isEmpty()
                || volume.inFlight() != 0
                || volume.orphanedCommands() != 0
                || target.memories() != 0) {
            throw new AssertionError(
                    "left behind: %d connections, %s, %d in flight, %d orphans, %d memories"
                            .formatted(
                                    target.connections(),
                                    memory.outstandingBytes(),
                                    volume.inFlight(),
                                    volume.orphanedCommands(),
                                    target.memories()));
        }
    }
}
