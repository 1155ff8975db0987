package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Hosts of whose IO it is known how much longer it takes for each copy under way. */
class PaceTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MS_NS = 1_000_000L;

    private final SplittableRandom random = new SplittableRandom(1);
    private long nowNs = 77 * SECOND_NS;
    private final Pace pace = new Pace(nowNs);

    /** From one IO of hosts to the next. */
    private long hostsAskEveryNs = MS_NS;

    /** How long all copies took together. */
    private long copyNs;

    /**
     * Once a millisecond, if not told otherwise; how many times as long it takes depends on the
     * copies.
     */
    private void run(long ns, IntToDoubleFunction slowdown) {
        long endNs = nowNs + ns;
        int copies = 0;
        long copiesEndNs = 0;
        long hostsAskNs = nowNs;
        copyNs = 0;
        while (nowNs < endNs) {
            nowNs += MS_NS;
            if (nowNs >= copiesEndNs) {
                for (int i = 0; i < copies; i++) {
                    pace.onCopied(nowNs, 2 * MS_NS);
                }
                copies = pace.copies(nowNs);
                copiesEndNs = nowNs + 2 * MS_NS;
            }
            copyNs += copies * MS_NS;
            if (nowNs < hostsAskNs) {
                continue;
            }
            hostsAskNs += hostsAskEveryNs;
            long usualNs = 100_000 + (long) (200_000 * -Math.log(1 - random.nextDouble()));
            long tookNs = (long) (usualNs * slowdown.applyAsDouble(copies));
            pace.onHostIo(nowNs, tookNs, random.nextBoolean());
        }
    }

    private double copiesOnAverage() {
        return copyNs / 20e9;
    }

    @Test
    void nobodyIsThereSoNothingIsHeldBack() {
        assertEquals(Pace.COPIES_MAX, pace.copies(nowNs));
        assertTrue(pace.isAlone(nowNs));
        assertEquals(Long.MAX_VALUE, pace.nextDeadlineNs(nowNs));
    }

    @Test
    void theFirstIoOfAHostBeginsARestAndTheLastOneIsForgotten() {
        pace.onHostIo(nowNs, MS_NS, true);
        assertEquals(0, pace.copies(nowNs));
        assertEquals(nowNs + Pace.REST_NS, pace.nextDeadlineNs(nowNs));
        nowNs += Pace.REST_NS;
        assertEquals(Pace.COPIES_UNJUDGED, pace.copies(nowNs));
        assertFalse(pace.isAlone(nowNs));
        nowNs += Pace.ABSENT_NS;
        assertEquals(Pace.COPIES_MAX, pace.copies(nowNs));
    }

    @Test
    void hostsThatNoticeNothingGetManyCopiesBesideThem() {
        run(20 * SECOND_NS, copies -> 1);
        run(20 * SECOND_NS, copies -> 1);
        assertTrue(copiesOnAverage() > 5, "copies: " + copiesOnAverage());
    }

    @Test
    void hostsThatAskForLittleHoldNothingUpForLong() {
        for (long everyMs : new long[] {50, 100, 400}) {
            hostsAskEveryNs = everyMs * MS_NS;
            nowNs += Pace.ABSENT_NS;
            run(20 * SECOND_NS, copies -> 1);
            for (int i = 1; i < 6; i++) {
                run(20 * SECOND_NS, copies -> 1);
                String when = "round " + i + " of one in " + everyMs + " ms: " + copiesOnAverage();
                assertTrue(copiesOnAverage() > 4, when);
            }
        }
    }

    @Test
    void hostsThatAskForLittleAndNoticeItAreGivenWay() {
        hostsAskEveryNs = 50 * MS_NS;
        run(60 * SECOND_NS, copies -> 1 + copies);
        run(20 * SECOND_NS, copies -> 1 + copies);
        assertTrue(copiesOnAverage() < 1, "copies: " + copiesOnAverage());
    }

    @Test
    void hostsThatAskForMuchAreNotAskedToBearMuchAtFirst() {
        run(Pace.REST_NS + 10 * MS_NS, copies -> 1);
        assertEquals(1, pace.copies(nowNs));
    }

    @Test
    void asManyCopiesAreUnderWayAsHostsHardlyNotice() {
        run(20 * SECOND_NS, copies -> copies <= 4 ? 1 : 2);
        run(20 * SECOND_NS, copies -> copies <= 4 ? 1 : 2);
        double copies = copiesOnAverage();
        assertTrue(copies > 1.5 && copies < 5, "copies: " + copies);
    }

    @Test
    void hostsThatNoticeEachCopyAreLeftAloneMostOfTheTime() {
        run(20 * SECOND_NS, copies -> 1 + copies);
        run(20 * SECOND_NS, copies -> 1 + copies);
        double copies = copiesOnAverage();
        assertTrue(copies > 0.01 && copies < 0.25, "copies: " + copies);
    }

    /** What others do to them is not the movement's fault: the next rest shows it. */
    @Test
    void hostsThatGetSlowerByThemselvesDoNotStopIt() {
        run(20 * SECOND_NS, copies -> copies <= 4 ? 1 : 2);
        run(20 * SECOND_NS, copies -> copies <= 4 ? 10 : 20);
        run(20 * SECOND_NS, copies -> copies <= 4 ? 10 : 20);
        assertTrue(copiesOnAverage() > 1.5, "copies: " + copiesOnAverage());
    }
}
