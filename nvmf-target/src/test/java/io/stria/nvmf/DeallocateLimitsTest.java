package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.AnaState;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one Dataset Management asks for beyond the limits that hosts are told is left out, so that
 * no command keeps a volume at work for hours.
 */
class DeallocateLimitsTest {
    private static final String NQN = "nqn.2026-11.io.stria:volume:large";
    private static final long BLOCKS = 1L << 30;
    private static final int MAX = VolumeSubsystem.UNMAP_BLOCKS_MAX;

    private final World world = new World();

    /** Blocks that were unmapped: the first ones, and how many. */
    private final TreeMap<Long, Long> unmapped = new TreeMap<>();

    /** Has no data. */
    private final class LargeDevice implements BlockDevice {
        @Override
        public long blocks() {
            return BLOCKS;
        }

        @Override
        public void submit(IoRequest request) {
            assertEquals(IoOp.UNMAP, request.op());
            long end = request.block() + request.blocks();
            var before = unmapped.floorEntry(request.block());
            boolean follows =
                    before != null && before.getKey() + before.getValue() == request.block();
            long first = follows ? before.getKey() : request.block();
            unmapped.put(first, end - first);
            world.node.timers().schedule(1_000, () -> request.complete(IoStatus.OK));
        }
    }

    private HostQueue connect(int lbaBytes) {
        VolumeSubsystem volume =
                new VolumeSubsystem(SubsystemIdentity.of(NQN, World.ID, "1.0"), BLOCKS, lbaBytes);
        volume.setDevice(new LargeDevice());
        volume.setAnaState(AnaState.OPTIMIZED);
        world.target.add(volume);
        return new TestHost(world.host, world.address, NQN, HostQueue.Style.PLAIN)
                .enable()
                .connectIo(1);
    }

    @AfterEach
    void closeWorld() {
        world.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void blocksBeyondThoseOfOneRangeAreLeftOut(int lbaBytes) {
        HostQueue queue = connect(lbaBytes);
        int per = 4096 / lbaBytes;
        long other = 1L << 20;
        long[] ranges = {
            0, (long) MAX * per + 1, other * per, (long) MAX * per, 2 * other * per, 3L * MAX * per
        };
        assertTrue(TestHost.deallocate(queue, ranges).isOk());
        assertEquals("{0=65536, 1048576=65536, 2097152=65536}", unmapped.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void rangesBeyondThoseOfOneCommandAreLeftOut(int lbaBytes) {
        HostQueue queue = connect(lbaBytes);
        int per = 4096 / lbaBytes;
        long[] ranges = new long[2 * (VolumeSubsystem.UNMAP_RANGES_MAX + 1)];
        for (int i = 0; i < ranges.length; i += 2) {
            ranges[i] = (long) i * per;
            ranges[i + 1] = per;
        }
        assertTrue(TestHost.deallocate(queue, ranges).isOk());
        assertEquals(VolumeSubsystem.UNMAP_RANGES_MAX, unmapped.size());
        assertEquals(2L * VolumeSubsystem.UNMAP_RANGES_MAX - 2, unmapped.lastKey());
    }
}
