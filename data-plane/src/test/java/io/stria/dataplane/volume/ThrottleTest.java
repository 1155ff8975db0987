package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A movement's rate beside hosts whose IO takes as long as a script says. */
class ThrottleTest {
    private static final long MS_NS = 1_000_000;
    private static final long SECOND_NS = 1_000 * MS_NS;
    private static final long MIB = 1 << 20;
    private static final int PIECE = 32 << 10;

    /** How long an IO takes. */
    private interface Script {
        /**
         * @param rate of the movement when it begins, 0 in a rest
         */
        long tookNs(long rate, boolean isRead, boolean isInTail);
    }

    private long nowNs = 55 * SECOND_NS;
    private final Throttle throttle = new Throttle(nowNs);
    private int perSecond = 500;
    private Script hosts = (rate, isRead, isInTail) -> isInTail ? 5 * MS_NS : MS_NS;
    private boolean copies = true;
    private long ios;
    private long copied;
    private long highest;
    private long lowest;

    /** Two of a hundred reads, and of a hundred writes, are its tail. */
    private void runFor(int seconds) {
        highest = 0;
        lowest = Long.MAX_VALUE;
        for (int i = 0; i < seconds * perSecond; i++) {
            long rate = throttle.rests(nowNs) ? 0 : throttle.rate();
            boolean isRead = ios % 2 == 0;
            long tookNs = hosts.tookNs(rate, isRead, ios++ / 2 % 50 == 0);
            throttle.onAnswered(isRead, tookNs, nowNs + tookNs);
            long nextNs = nowNs + SECOND_NS / perSecond;
            while (nowNs - nextNs < 0) {
                copy();
                nowNs += SECOND_NS / 1_000;
            }
            highest = Math.max(highest, throttle.rate());
            lowest = Math.min(lowest, throttle.rate());
        }
    }

    private void copy() {
        if (copies && throttle.isDue(nowNs)) {
            copied += PIECE;
            throttle.spent(PIECE, nowNs);
        }
    }

    /** From some rate on their tail is three times as long. */
    private void noticeMoreThan(long bytesPerSecond) {
        hosts =
                (rate, isRead, isInTail) ->
                        isInTail ? (rate > bytesPerSecond ? 15 : 5) * MS_NS : MS_NS;
    }

    @Test
    void growsFromItsFloorAsLongAsHostsNoticeNothing() {
        assertEquals(Throttle.FLOOR, throttle.rate());
        runFor(120);
        assertTrue(throttle.rate() > 6 * Throttle.FLOOR, "after two minutes: " + throttle.rate());
        runFor(600);
        // More than twice what these pieces make use of, one in a millisecond, it does not become.
        assertTrue(throttle.rate() > 40 * MIB, "after twelve: " + throttle.rate());
        assertTrue(throttle.rate() < 64 * MIB, "after twelve: " + throttle.rate());
    }

    @Test
    void staysAboutWhereHostsBeginToNotice() {
        noticeMoreThan(8 * MIB);
        runFor(100);
        copied = 0;
        runFor(600);
        assertTrue(highest <= 9 * MIB + MIB / 2, "highest: " + highest);
        assertTrue(lowest >= 4 * MIB, "lowest: " + lowest);
        assertTrue(copied / 600 >= 5 * MIB, "on average: " + copied / 600);
    }

    @Test
    void isNeverBelowItsFloorWhateverHostsNotice() {
        noticeMoreThan(0);
        runFor(600);
        assertEquals(Throttle.FLOOR, lowest);
        assertEquals(Throttle.FLOOR, throttle.rate());
        assertEquals(600 * Throttle.FLOOR, copied, 600 * Throttle.FLOOR / 20.0);
    }

    @Test
    void recoversWhenHostsNoticeItNoMore() {
        runFor(600);
        noticeMoreThan(2 * MIB);
        runFor(120);
        assertTrue(lowest <= 2 * MIB, "noticed: " + lowest);
        noticeMoreThan(40 * MIB);
        runFor(400);
        assertTrue(highest > 40 * MIB, "recovered: " + highest);
    }

    /** They are as slow in rests: it is not the movement. */
    @Test
    void hostsThatAreSlowAnywayDoNotHoldItBack() {
        hosts = (rate, isRead, isInTail) -> (isInTail ? 300 : 20) * MS_NS;
        runFor(120);
        assertTrue(throttle.rate() > 4 * Throttle.FLOOR, "in two minutes: " + throttle.rate());
    }

    /** Reads take longer beside it; writes are as long as ever, and longer than these reads. */
    @Test
    void eachKindIsComparedWithItself() {
        hosts =
                (rate, isRead, isInTail) ->
                        isRead ? (isInTail && rate > 4 * MIB ? 10 : 1) * MS_NS : 50 * MS_NS;
        runFor(300);
        assertTrue(highest > 4 * MIB && highest <= 5 * MIB, "highest: " + highest);
    }

    /** Of a rate that was not made use of nobody knows whether hosts bear it. */
    @Test
    void doesNotGrowWhileNothingIsCopied() {
        copies = false;
        runFor(600);
        assertEquals(Throttle.FLOOR, highest);
        copies = true;
        runFor(120);
        assertTrue(throttle.rate() > 6 * Throttle.FLOOR, "after two minutes: " + throttle.rate());
    }

    @Test
    void fewIosSayNothing() {
        perSecond = 1;
        runFor(300);
        assertEquals(Throttle.FLOOR, throttle.rate());
        perSecond = 20;
        runFor(600);
        assertTrue(throttle.rate() > Throttle.FLOOR, "in time: " + throttle.rate());
    }

    @Test
    void nothingBeginsInRests() {
        int rests = 0;
        for (int i = 0; i < 4_000; i++) {
            nowNs += MS_NS;
            if (throttle.rests(nowNs)) {
                rests++;
                assertFalse(throttle.isDue(nowNs));
                assertFalse(throttle.rests(throttle.dueNs(nowNs)));
            }
        }
        assertEquals(Throttle.REST_NS / MS_NS, rests);
    }

    @Test
    void itIsDueWhenItSays() {
        throttle.spent(PIECE, nowNs);
        long dueNs = throttle.dueNs(nowNs);
        assertTrue(dueNs - nowNs > 0);
        assertFalse(throttle.isDue(dueNs - 1));
        assertTrue(throttle.isDue(dueNs));
    }

    @Test
    void withOneDeviceMissingItsFloorIsHigher() {
        throttle.missing(1, nowNs);
        noticeMoreThan(0);
        runFor(60);
        assertEquals(Throttle.FLOOR_ONE_MISSING, lowest);
        assertEquals(Throttle.FLOOR_ONE_MISSING, highest);
    }

    @Test
    void withTwoMissingHostsAreNotLookedAt() {
        throttle.missing(2, nowNs);
        noticeMoreThan(0);
        for (int i = 0; i < 10_000; i++) {
            nowNs += MS_NS;
            assertTrue(throttle.isDue(nowNs));
            assertFalse(throttle.rests(nowNs));
            throttle.spent(PIECE, nowNs);
        }
        throttle.missing(1, nowNs);
        assertTrue(throttle.isDue(nowNs), "what was copied before is not counted");
        assertEquals(Throttle.FLOOR_ONE_MISSING, throttle.rate());
    }
}
