package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.nvme.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A host writes ever higher numbers to a few blocks, loses its connections in every way, and goes
 * on with the next number on new ones. On the device no block ever goes back to a lower number.
 */
class GivenUpCommandsTest {
    private static final int SEEDS = 20;
    private static final int CONNECTIONS = 25;
    private static final int BLOCKS = 4;
    private static final long SECOND_NS = 1_000_000_000L;

    private final long[] newest = new long[BLOCKS];
    private long number;

    @Test
    void neverTakeEffectAfterLaterOnes() {
        for (long seed = World.SEED; seed < World.SEED + SEEDS; seed++) {
            Random random = new Random(seed);
            try (World world = new World()) {
                Arrays.fill(newest, 0);
                number = 0;
                String repeat = "repeat with -Dstria.seed=" + seed + " -Dtest=GivenUpCommandsTest";
                world.device.latency(() -> (long) (random.nextDouble() * 20_000_000));
                world.device.onEffect(request -> check(request, repeat));
                for (int i = 0; i < CONNECTIONS; i++) {
                    useAConnection(world, random);
                }
                assertTrue(number > CONNECTIONS, repeat);
            }
        }
    }

    /** The host may send it again on another queue, and then a newer one, and both get past it. */
    @Test
    void areGivenUpForTheDeviceWhenTheirQueueEnds() {
        try (World world = new World()) {
            TestHost host = world.connect().enable();
            HostQueue lost = host.connectIo(1);
            HostQueue kept = host.connectIo(2);
            world.device.hold();
            TestHost.submitWrite(lost, 0, World.pattern(1, 4096));
            TestHost.submitWrite(kept, 1, World.pattern(2, 4096));
            world.runFor(SECOND_NS);
            lost.stream().close();
            world.runFor(SECOND_NS);
            assertEquals(2, world.device.heldCount());
            assertTrue(world.device.held(0).isGivenUp());
            assertFalse(world.device.held(1).isGivenUp());
        }
    }

    private void check(IoRequest request, String repeat) {
        if (request.op() == IoOp.WRITE) {
            int block = (int) request.block();
            long written = LittleEndian.i64(request.buffer(), request.bufferOffset());
            assertTrue(
                    written > newest[block],
                    () ->
                            "block %d goes from %d back to %d, %s"
                                    .formatted(block, newest[block], written, repeat));
            newest[block] = written;
        }
    }

    private void useAConnection(World world, Random random) {
        TestHost host = world.connect();
        host.keepAliveMs = 1000;
        host.enable();
        HostQueue queue = host.connectIo(1);
        int[] pending = new int[BLOCKS];
        Arrays.fill(pending, -1);
        for (int writes = random.nextInt(30); writes >= 0; writes--) {
            int block = random.nextInt(BLOCKS);
            if (pending[block] >= 0 && !queue.await(pending[block]).isOk()) {
                throw new AssertionError("write failed");
            }
            pending[block] = write(queue, block, random);
            world.runFor(random.nextInt(3_000_000));
        }
        loseConnection(world, host, random);
    }

    private int write(HostQueue queue, int block, Random random) {
        byte[] data = new byte[random.nextInt(4) == 0 ? 3 * 4096 : 4096];
        long next = ++number;
        LittleEndian.put64(MemorySegment.ofArray(data), 0, next);
        return TestHost.submitWrite(queue, block, data);
    }

    /** Closed, reset, or cut off: the node may notice at once, later or not at all. */
    private static void loseConnection(World world, TestHost host, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> host.close();
            case 1 -> world.network.reset(world.node.host(), world.host.host());
            case 2 -> {
                world.network.cut(world.node.host(), world.host.host());
                world.runFor((long) (random.nextDouble() * 3 * SECOND_NS));
                host.close();
                world.network.healAll();
            }
            default -> {
                // Given up without a word: the next association is the first that the node hears.
            }
        }
        if (random.nextBoolean()) {
            world.runFor(random.nextInt(20_000_000));
        }
    }
}
