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

    /** How long all copies took together. */
    private long copyNs;

    /** Hosts ask once a millisecond; how many times as long it takes depends on the copies. */
    private void run(long ns, IntToDoubleFunction slowdown) {
        long endNs = nowNs + ns;
        int copies = 0;
        long copiesEndNs = 0;
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
        assertEquals(1, pace.copies(nowNs));
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
