package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hosts that ask for much and go away, with one of their queues or with all. */
class GivenUpRequestTest {
    private static final long LEASE_NS = 2_000_000_000L;

    /** Half of the entries that all queues of a target may have. */
    private static final int MANY = 1 << 17;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final OwnerScenario scenario = new OwnerScenario(2, 1 << 20);

    private void hold() {
        scenario.decides = false; // no store is marked for holding what it is told to hold
        scenario.clients.forEach(client -> client.hang(request -> isWrite(request.op)));
    }

    private static boolean isWrite(FragmentOp op) {
        return op == FragmentOp.WRITE || op == FragmentOp.UNMAP || op == FragmentOp.REPLACE;
    }

    private void release() {
        scenario.clients.forEach(MemoryStore.Client::release);
    }

    private IoRequest submit(IoOp op, long block, OwnerScenario.Io io) {
        int blocks = (int) (io.buffer.byteSize() / BlockDevice.BLOCK_BYTES);
        IoRequest request = new IoRequest().set(op, block, blocks, io.buffer, 0, io);
        scenario.owner.submit(request);
        return request;
    }

    private static OwnerScenario.Io filled(int blocks, long value) {
        OwnerScenario.Io io = new OwnerScenario.Io(blocks);
        for (int i = 0; i < blocks; i++) {
            io.buffer.set(ValueLayout.JAVA_LONG, (long) i * BlockDevice.BLOCK_BYTES, value);
        }
        return io;
    }

    /** More pieces than are in flight at a time: the last ones have no lock yet. */
    @Test
    void noPieceOfAWriteBeginsAfterItsQueueHasGone() {
        int blocks = 700;
        OwnerScenario.Io orphan = filled(blocks, 1);
        hold();
        IoRequest request = submit(IoOp.WRITE, 0, orphan);
        scenario.runFor(1_000_000);
        request.giveUp();
        scenario.clients.forEach(client -> client.hang(any -> false));
        OwnerScenario.Io again = scenario.end(scenario.begin(IoOp.WRITE, blocks - 1, 1, 1));
        assertEquals(IoStatus.OK, again.status);
        assertEquals(IoStatus.OK, scenario.write(blocks - 1, 1, 2));
        release();
        scenario.end(orphan);
        scenario.runFor(OwnerScenario.SECOND_NS);
        assertEquals(2, scenario.read(blocks - 1), "the older write took effect after the newer");
        assertEquals(IoStatus.ABORTED, orphan.status);
        assertEquals(1, scenario.read(0), "what was begun is finished");
    }

    /** A host that comes back waits for its end, and nothing of it can take effect any more. */
    @Test
    void aReadEndsAlthoughItsStoresDoNotAnswer() {
        scenario.write(0, 1, 1);
        scenario.decides = false;
        scenario.clients.forEach(client -> client.hang(_ -> true));
        OwnerScenario.Io orphan = filled(1, 7);
        IoRequest request = submit(IoOp.READ, 0, orphan);
        scenario.runFor(1_000_000);
        request.giveUp();
        assertFalse(orphan.hasEnded(), "ended from within the call");
        scenario.runFor(1_000_000);
        assertTrue(orphan.hasEnded());
        assertEquals(IoStatus.ABORTED, orphan.status);
        release();
        scenario.runFor(OwnerScenario.SECOND_NS);
        assertEquals(7, orphan.buffer.get(ValueLayout.JAVA_LONG, 0), "another host's memory");
    }

    /** What it had copied by then it finishes, before whatever the host asks for later. */
    @Test
    void aWriteThatHasItsLockGoesOnWithoutItsBuffer() {
        hold();
        OwnerScenario.Io orphan = filled(1, 1);
        IoRequest request = submit(IoOp.WRITE, 0, orphan);
        scenario.runFor(1_000_000);
        request.giveUp();
        scenario.runFor(1_000_000);
        assertTrue(orphan.hasEnded());
        assertEquals(IoStatus.ABORTED, orphan.status);
        orphan.buffer.fill((byte) 9);
        scenario.clients.forEach(client -> client.hang(_ -> false));
        OwnerScenario.Io read = scenario.begin(IoOp.READ, 0, 1, 0);
        OwnerScenario.Io later = scenario.begin(IoOp.WRITE, 0, 1, 2);
        scenario.runFor(1_000_000);
        assertFalse(read.hasEnded() || later.hasEnded(), "overtook what is under way");
        release();
        scenario.end(read);
        scenario.end(later);
        assertEquals(1, read.buffer.get(ValueLayout.JAVA_LONG, 0));
        scenario.runFor(OwnerScenario.SECOND_NS);
        assertEquals(2, scenario.read(0));
    }

    @Test
    void aWriteThatWaitsForItsLockNeverHappens() {
        hold();
        OwnerScenario.Io first = scenario.begin(IoOp.WRITE, 0, 1, 1);
        OwnerScenario.Io orphan = filled(1, 2);
        IoRequest request = submit(IoOp.WRITE, 0, orphan);
        scenario.runFor(1_000_000);
        request.giveUp();
        scenario.runFor(1_000_000);
        assertTrue(orphan.hasEnded());
        assertEquals(IoStatus.ABORTED, orphan.status);
        release();
        scenario.end(first);
        scenario.runFor(OwnerScenario.SECOND_NS);
        assertEquals(1, scenario.read(0));
    }

    /** It reads its block first, and nothing was sent. */
    @Test
    void aWriteOfAPartThatStillReadsNeverHappens() {
        scenario.write(0, 1, 1);
        scenario.decides = false;
        scenario.clients.forEach(client -> client.hang(_ -> true));
        OwnerScenario.Io orphan = filled(1, 2);
        IoRequest request = new IoRequest().set(IoOp.WRITE, 0, 1, orphan.buffer, 0, orphan);
        scenario.owner.submit(request.trim(0, 512));
        scenario.runFor(1_000_000);
        request.giveUp();
        scenario.runFor(1_000_000);
        assertTrue(orphan.hasEnded());
        assertEquals(IoStatus.ABORTED, orphan.status);
        scenario.clients.forEach(client -> client.hang(_ -> false));
        release();
        scenario.runFor(OwnerScenario.SECOND_NS);
        assertEquals(1, scenario.read(0));
    }

    /** It waits for a free operation: the next one in line gets that, and not in 25 s only. */
    @Test
    void oneThatWaitedForAnOperationLeavesItToTheNext() {
        hold();
        List<OwnerScenario.Io> first = new ArrayList<>();
        for (int i = 0; i < OwnerScenario.CONFIG.opsMax(); i++) {
            first.add(scenario.begin(IoOp.WRITE, i, 1, 1));
        }
        OwnerScenario.Io orphan = filled(1, 1);
        submit(IoOp.WRITE, 500, orphan).giveUp();
        OwnerScenario.Io next = scenario.begin(IoOp.WRITE, 500, 1, 2);
        scenario.runFor(1_000_000);
        release();
        first.forEach(scenario::end);
        scenario.end(next);
        scenario.end(orphan);
        assertEquals(IoStatus.OK, next.status);
        assertEquals(IoStatus.ABORTED, orphan.status);
        assertEquals(2, scenario.read(500));
    }

    /** They take no buffers, so hosts may ask for as many as their queues have entries. */
    @Test
    void veryManyEndWithinALease() {
        hold();
        int[] ended = new int[1];
        submitMany(ended);
        endsWithinALease(() -> scenario.runFor(2 * OwnerScenario.CONFIG.hostWaitNs()));
        assertEquals(MANY, ended[0], "overdue");
        submitMany(ended);
        endsWithinALease(() -> scenario.owner.stop());
        assertEquals(2 * MANY, ended[0]);
    }

    @Test
    void veryManyAreGivenUpWithinALease() {
        hold();
        int[] ended = new int[1];
        List<IoRequest> requests = submitMany(ended);
        endsWithinALease(() -> {
            requests.forEach(IoRequest::giveUp);
            scenario.runFor(1_000_000);
        });
        assertEquals(MANY, ended[0]);
    }

    /** In CPU time of this thread, which neighbours do not change. */
    private void endsWithinALease(Runnable turn) {
        long beforeNs = threads.getCurrentThreadCpuTime();
        turn.run();
        long tookNs = threads.getCurrentThreadCpuTime() - beforeNs;
        assertTrue(tookNs < LEASE_NS, tookNs + " ns of CPU");
    }

    private List<IoRequest> submitMany(int[] ended) {
        List<IoRequest> requests = new ArrayList<>();
        endsWithinALease(() -> {
            for (int i = 0; i < MANY; i++) {
                IoRequest request = new IoRequest();
                requests.add(request);
                scenario.owner.submit(
                        request.set(
                                IoOp.UNMAP,
                                i,
                                1,
                                MemorySegment.NULL,
                                0,
                                (_, status) -> ended[0]++));
            }
        });
        return requests;
    }
}
