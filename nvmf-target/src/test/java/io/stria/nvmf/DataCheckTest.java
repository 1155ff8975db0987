package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.AnaState;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.StatusCode;
import io.stria.runtime.sim.TcpConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Compare and Verify. */
class DataCheckTest {
    private final World world = new World();
    private final TestHost host = world.connect(HostQueue.Style.DIGESTS).enable();
    private final HostQueue io = host.connectIo(1);

    @AfterEach
    void closeWorld() {
        world.close();
    }

    private static int submitCompare(HostQueue queue, long lba, byte[] data) {
        return queue.submit(
                sqe -> TestHost.io(sqe, IoOpcode.COMPARE, lba, data.length / 4096),
                data,
                data.length <= 8192,
                0);
    }

    private static Answer compare(HostQueue queue, long lba, byte[] data) {
        return queue.await(submitCompare(queue, lba, data));
    }

    private static Answer verify(HostQueue queue, long lba, int blocks) {
        return TestHost.run(queue, sqe -> TestHost.io(sqe, IoOpcode.VERIFY, lba, blocks));
    }

    @Test
    void tellsAnyDifference() {
        for (int blocks : new int[] {1, 2, 3, 32}) {
            byte[] data = World.pattern(blocks, 4096 * blocks);
            assertTrue(TestHost.write(io, 100, data).isOk());
            assertTrue(compare(io, 100, data).isOk());
            for (int at : new int[] {0, data.length / 2, data.length - 1}) {
                data[at] ^= 1;
                Answer differs = compare(io, 100, data);
                assertEquals(StatusCode.COMPARE_FAILURE, differs.code());
                assertFalse(differs.mayRetry());
                data[at] ^= 1;
            }
        }
        assertEquals(World.count(World.FEW_BUFFERS), world.target.freeBuffers());
    }

    @Test
    void readsWhatItVerifies() {
        assertTrue(verify(io, 0, 32).isOk());
        assertEquals("[READ 0+32]", world.device.log.toString());
        assertEquals(StatusCode.INVALID_FIELD, verify(io, 0, 257).code(), "VSL");
        assertEquals(StatusCode.LBA_OUT_OF_RANGE, verify(io, World.BLOCKS - 1, 2).code());
        world.device.answer(IoStatus.MEDIA_ERROR);
        assertEquals(StatusCode.UNRECOVERED_READ_ERROR, verify(io, 0, 1).code());
        assertEquals(StatusCode.UNRECOVERED_READ_ERROR, compare(io, 0, new byte[4096]).code());
        assertEquals(1, world.volume.counters().reads());
    }

    @Test
    void refusesThemWhereItServesNothing() {
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        assertEquals(StatusCode.ANA_INACCESSIBLE, verify(io, 0, 1).code());
        assertEquals(StatusCode.ANA_INACCESSIBLE, compare(io, 0, new byte[4096]).code());
    }

    @Test
    void takesOneAfterTheOtherWithOneBuffer() {
        List<Integer> ids = new ArrayList<>();
        byte[] zeros = new byte[65536];
        for (int i = 0; i < 40; i++) {
            ids.add(submitCompare(io, 16L * i, zeros));
        }
        ids.forEach(id -> assertTrue(io.await(id).isOk()));
    }

    @Test
    void aVolumeThatIsStuckHoldsNoOtherUp() {
        String nqn = "nqn.2026-11.io.stria:volume:other";
        MemoryDevice device = new MemoryDevice(world.node.timers(), 8);
        VolumeSubsystem other =
                new VolumeSubsystem(SubsystemIdentity.of(nqn, new UUID(3, 4), "1.0"), 8);
        other.setDevice(device);
        other.setAnaState(AnaState.OPTIMIZED);
        world.target.add(other);
        TestHost neighbour = new TestHost(world.host, world.address, nqn, HostQueue.Style.PLAIN);
        HostQueue queue = neighbour.enable().connectIo(1);
        world.device.hold();
        for (int i = 0; i < 20; i++) {
            submitCompare(io, i, new byte[4096]);
        }
        world.runFor(10_000_000);
        int compared = submitCompare(queue, 1, new byte[8192]);
        int verified =
                queue.submit(
                        sqe -> TestHost.io(sqe, IoOpcode.VERIFY, 0, 8), TestHost.NO_DATA, false, 0);
        world.runFor(10_000_000);
        assertTrue(queue.isAnswered(compared) && queue.isAnswered(verified));
        assertTrue(queue.await(compared).isOk() && queue.await(verified).isOk());
    }

    @Test
    void endsThoseThatWaitWhenTheVolumeMovesAway() {
        world.device.hold();
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ids.add(submitCompare(io, i, new byte[4096]));
        }
        world.runFor(10_000_000);
        assertEquals(1, world.device.heldCount());
        world.volume.setAnaState(AnaState.INACCESSIBLE);
        world.device.letGo();
        assertTrue(io.await(ids.getFirst()).isOk(), "it was read while it was here");
        for (int id : ids.subList(1, 30)) {
            assertEquals(StatusCode.ANA_INACCESSIBLE, io.await(id).code());
        }
    }

    @Test
    void forgetsThoseOfHostsThatHaveGone() {
        world.device.hold();
        for (int i = 0; i < 30; i++) {
            submitCompare(io, i, new byte[4096]);
        }
        world.runFor(10_000_000);
        host.close();
        world.runFor(10_000_000);
        assertEquals(1, world.volume.orphanedCommands(), "the others have not begun");
        world.device.letGo();
        world.runFor(10_000_000);
        assertEquals(0, world.volume.orphanedCommands());
        assertEquals(1, world.device.log.size(), "nobody wants to know the others");
    }

    private TestHost otherHost() {
        TestHost other = world.connect();
        other.hostId = World.pattern(3, 16);
        return other.enable();
    }

    /** Only what has begun holds up the new queue of a host that comes back. */
    @Test
    void aNewQueueDoesNotWaitForChecksBehindThoseOfAnotherHost() {
        TestHost before = otherHost();
        HostQueue old = before.connectIo(1);
        world.device.hold();
        submitCompare(io, 0, new byte[4096]);
        world.runFor(10_000_000);
        int verified =
                old.submit(
                        sqe -> TestHost.io(sqe, IoOpcode.VERIFY, 8, 1), TestHost.NO_DATA, false, 0);
        submitCompare(old, 8, new byte[4096]);
        world.runFor(10_000_000);
        assertFalse(old.isAnswered(verified));

        before.close();
        world.runFor(10_000_000);
        HostQueue queue = otherHost().connectIo(1);
        assertEquals(1, world.device.heldCount());
        int written = TestHost.submitWrite(queue, 8, new byte[4096]);
        world.runFor(10_000_000);
        world.device.letGo();
        assertTrue(queue.await(written).isOk());
        world.runFor(10_000_000);
        assertEquals("[READ 0+1, WRITE 8+1]", world.device.log.toString());
    }

    @Test
    void goesOnWithOneBufferOfEachSize() {
        try (World scarce =
                new World(
                        new BufferConfig(8192, 1, 128 * 1024, 1, 1 << 20, 1), TcpConfig.linux())) {
            HostQueue queue = scarce.connect().enable().connectIo(1);
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                ids.add(submitCompare(queue, i, new byte[4096 * (1 + i % 4)]));
                ids.add(TestHost.submitRead(queue, i, 1 + i % 4));
            }
            ids.forEach(id -> assertTrue(queue.await(id).isOk()));
        }
    }
}
