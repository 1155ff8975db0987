package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.lease.LeaseConfig;
import org.junit.jupiter.api.Test;

/** Times are milliseconds of a stepped clock; a lease is two seconds. */
final class StandstillTest {
    private static final long MS = 1_000_000;
    private static final long LOOK_MS = Standstill.LOOK_NS / MS;

    private final Standstill standstill = new Standstill(LeaseConfig.standard());
    private long nowMs = 50_000;
    private long beatMs = nowMs;
    private long leaseUntilMs = nowMs + 2000;
    private boolean stopped = true;

    @Test
    void isOneWhenTheLeaseHasEndedAndTheOthersTakeOver() {
        goOn(1000);
        leaseUntilMs = nowMs + 1700;

        long saidMs = standUntilSaid(10_000);

        assertEquals(leaseUntilMs + 200, saidMs);
    }

    @Test
    void isNoneForWhoRunsWithoutALease() {
        leaseUntilMs = nowMs;
        goOn(20_000);
    }

    @Test
    void isNoneWhileTheLeaseRunsHoweverLong() {
        leaseUntilMs = nowMs + 20_000;
        assertEquals(0, standUntilSaid(20_000));
    }

    @Test
    void isNoneForWhoGoesOnWithinMostOfALease() {
        leaseUntilMs = nowMs;
        for (int i = 0; i < 20; i++) {
            assertEquals(0, standUntilSaid(1400));
            beatMs = nowMs;
        }
    }

    @Test
    void isNoneWhereThereIsNoHeartbeatOrNoLease() {
        beatMs = 0;
        leaseUntilMs = nowMs;
        assertEquals(0, standUntilSaid(5000), "not begun");
        beatMs = nowMs;
        leaseUntilMs = 0;
        assertEquals(0, standUntilSaid(5000), "without a lease nobody was served");
    }

    @Test
    void isSaidOnceUntilItIsOver() {
        assertTrue(standUntilSaid(5000) > 0);
        assertEquals(0, standUntilSaid(60_000));

        goOn(300);
        leaseUntilMs = nowMs + 1600;

        assertEquals(leaseUntilMs + 200, standUntilSaid(5000), "the next one");
    }

    /**
     * The machine was suspended, or has no time for anybody: then the node stands still as well.
     */
    @Test
    void isNoneWhenWhoLooksStoodStillHimself() {
        goOn(1000);
        leaseUntilMs = nowMs + 1000;
        for (int i = 0; i < 20; i++) {
            nowMs += 5000;
            assertFalse(look(), "the node had no time to go on either");
        }
        long firstMs = nowMs;

        assertEquals(firstMs + 1500, standUntilSaid(5000), "the node had its time");
    }

    @Test
    void aStandstillThatWasSaidStaysSaidWhenWhoLooksStoodStillToo() {
        assertTrue(standUntilSaid(5000) > 0);
        nowMs += 5000;
        assertEquals(0, standUntilSaid(5000));
    }

    @Test
    void aStopIsOneSoonAndOnce() {
        goOn(1000);
        assertEquals(400, standUntilStopped(5000));
        assertEquals(0, standUntilStopped(4000));
        goOn(100);
        assertEquals(400, standUntilStopped(5000), "the next one");
    }

    @Test
    void aStopIsNoneForWhoOnlyHasNoTimeOrHasNotBegun() {
        goOn(1000);
        stopped = false;
        assertEquals(0, standUntilStopped(5000));
        stopped = true;
        goOn(100);
        beatMs = 0;
        assertEquals(0, standUntilStopped(5000));
    }

    /** Both were stopped, and go on. */
    @Test
    void aStopIsNoneWhenWhoLooksStoodStillHimself() {
        goOn(1000);
        nowMs += 5000;
        assertFalse(isStop());
        assertEquals(400, standUntilStopped(5000), "it has had its time");
    }

    private boolean isStop() {
        look();
        return standstill.isStop(() -> stopped);
    }

    /** Returns after how long, 0 if it was not. */
    private long standUntilStopped(long ms) {
        for (long passedMs = LOOK_MS; passedMs <= ms; passedMs += LOOK_MS) {
            nowMs += LOOK_MS;
            if (isStop()) {
                return passedMs;
            }
        }
        return 0;
    }

    private void goOn(long ms) {
        for (long endMs = nowMs + ms; nowMs < endMs; ) {
            nowMs += LOOK_MS;
            beatMs = nowMs - LOOK_MS / 2;
            assertFalse(look(), "it goes on");
            assertFalse(standstill.isStop(() -> stopped), "it goes on");
        }
    }

    /** Returns when it was said, 0 if it was not. */
    private long standUntilSaid(long ms) {
        for (long endMs = nowMs + ms; nowMs < endMs; ) {
            nowMs += LOOK_MS;
            if (look()) {
                return nowMs;
            }
        }
        return 0;
    }

    private boolean look() {
        return standstill.look(nowMs * MS, beatMs * MS, leaseUntilMs * MS);
    }
}
