package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AnaState;
import java.util.Map;
import java.util.UUID;

/**
 * A host with digests on a volume of its own, on a target that others attack: its data has to stay
 * as it was, its IO to succeed, and the target's memory to come back when the others have gone.
 */
final class GoodHost {
    private static final int BLOCKS = 64;
    private static final int BLOCKS_USED = 16;
    private static final long LATE_NS = 5_000_000_000L;

    private final World world;
    private final HostQueue io;
    private final int buffersAtFirst;
    private final Map<String, Long> memoryAtFirst;
    private final int connectionsAtFirst;
    private byte[] written;
    private long writes = World.SEED;

    GoodHost(World world) {
        this.world = world;
        VolumeSubsystem volume =
                new VolumeSubsystem(SubsystemIdentity.of("nqn.good", new UUID(1, 2), "1"), BLOCKS);
        volume.setDevice(new MemoryDevice(world.node.timers(), BLOCKS));
        volume.setAnaState(AnaState.OPTIMIZED);
        world.target.add(volume);
        TestHost host =
                new TestHost(world.host, world.address, "nqn.good", HostQueue.Style.DIGESTS);
        io = host.enable().connectIo(1);
        buffersAtFirst = world.target.freeBuffers();
        memoryAtFirst = world.memory.outstandingBytes();
        connectionsAtFirst = world.target.connections();
        written = write();
    }

    private byte[] write() {
        byte[] data = World.pattern(writes++, BLOCKS_USED * 4096);
        assertTrue(TestHost.write(io, 0, data).isOk(), "a write of the other host");
        return data;
    }

    /** What was written last is still there, and something new can be written. */
    void check(String after) {
        assertArrayEquals(
                written,
                TestHost.read(io, 0, BLOCKS_USED).data(),
                () -> "the other host's data after " + after);
        written = write();
    }

    /** For when all others have gone, or go. */
    void checkMemory(String after) {
        boolean back =
                world.simulation.runUntil(
                        () ->
                                world.target.freeBuffers() == buffersAtFirst
                                        && world.target.connections() == connectionsAtFirst,
                        LATE_NS);
        assertTrue(
                back,
                () ->
                        "%d of %d buffers, %d of %d connections after %s"
                                .formatted(
                                        world.target.freeBuffers(),
                                        buffersAtFirst,
                                        world.target.connections(),
                                        connectionsAtFirst,
                                        after));
        assertEquals(memoryAtFirst, world.memory.outstandingBytes(), after);
    }
}
