package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Hosts that ask for much and go away, with one of their queues or with all. */
class GivenUpRequestTest {
    private static final Duration LEASE = Duration.ofSeconds(2);

    /** Half of the entries that all queues of a target may have. */
    private static final int MANY = 1 << 17;

    private final OwnerScenario scenario = new OwnerScenario(2, 1 << 20);

    private void hold() {
        scenario.decides = false; // no store is marked for holding what it is told to hold
        scenario.clients.forEach(client -> client.hang(request -> isWrite(request.op)));
    }

    private static boolean isWrite(FragmentOp op) {
        return op == FragmentOp.WRITE || op == FragmentOp.UNMAP || op == FragmentOp.REPLACE;
    }

    /** They take no buffers, so hosts may ask for as many as their queues have entries. */
    @Test
    void veryManyEndWithinALease() {
        hold();
        int[] ended = new int[1];
        submitMany(ended);
        assertTimeout(LEASE, () -> scenario.runFor(2 * OwnerScenario.CONFIG.hostWaitNs()));
        assertEquals(MANY, ended[0], "overdue");
        submitMany(ended);
        assertTimeout(LEASE, () -> scenario.owner.stop());
        assertEquals(2 * MANY, ended[0]);
    }

    private void submitMany(int[] ended) {
        assertTimeout(
                LEASE,
                () -> {
                    for (int i = 0; i < MANY; i++) {
                        IoRequest request = new IoRequest();
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
    }
}
