package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PaceTest {
    private long nowNs = 77_000_000_000L;
    private final Pace pace = new Pace(nowNs, nowNs - Pace.ABSENT_NS);

    private void assertFull() {
        assertEquals(Pace.COPIES_MAX, pace.copies(nowNs));
        assertEquals(RunCopy.BYTES_MAX, pace.bytes(nowNs));
        assertEquals(AnswerBuffers.BYTES, pace.listedBytes(nowNs));
        assertEquals(Pace.FREES_MAX, pace.frees(nowNs));
        assertEquals(0, pace.rate(nowNs));
        assertTrue(pace.isDue(nowNs));
        assertFalse(pace.rests(nowNs));
    }

    private void assertMild() {
        assertEquals(pace.rests(nowNs) ? 0 : Pace.COPIES_BESIDE_HOSTS, pace.copies(nowNs));
        assertEquals(Pace.BYTES_BESIDE_HOSTS, pace.bytes(nowNs));
        assertEquals(Pace.LISTED_BYTES_BESIDE_HOSTS, pace.listedBytes(nowNs));
        assertEquals(Throttle.FLOOR, pace.rate(nowNs));
    }

    @Test
    void nobodyIsThereSoNothingIsHeldBack() {
        assertFull();
    }

    @Test
    void hostsThatWereThereBeforeItBeganAreThere() {
        Pace later = new Pace(nowNs, nowNs - Pace.ABSENT_NS + 1);
        assertEquals(Pace.COPIES_BESIDE_HOSTS, later.copies(nowNs));
        assertEquals(Pace.COPIES_MAX, later.copies(nowNs + 1));
    }

    @Test
    void theFirstIoOfAHostMakesItMild() {
        pace.onAsked(nowNs);
        assertMild();
    }

    @Test
    void theLastOneIsForgottenAfterAWhile() {
        pace.onAsked(nowNs);
        nowNs += Pace.ABSENT_NS - 1;
        assertMild();
        nowNs++;
        assertFull();
    }

    @Test
    void hostsThatAskForLittleKeepItMild() {
        for (int i = 0; i < 100; i++) {
            nowNs += Pace.ABSENT_NS / 2;
            pace.onAsked(nowNs);
            assertMild();
        }
    }

    @Test
    void whatWasCopiedWithoutHostsIsNotMadeUpFor() {
        pace.spent(1L << 30, nowNs);
        assertFull();
        pace.onAsked(nowNs);
        assertTrue(pace.isDue(nowNs));
    }

    @Test
    void besideHostsOnePieceFollowsTheOtherInItsTime() {
        pace.onAsked(nowNs);
        assertEquals(Pace.COPIES_BESIDE_HOSTS, pace.copies(nowNs));
        pace.spent(Pace.BYTES_BESIDE_HOSTS, nowNs);
        assertEquals(0, pace.copies(nowNs));
        assertEquals(Pace.COPIES_BESIDE_HOSTS, pace.copies(pace.dueNs(nowNs)));
    }

    @Test
    void hostsThatHaveGoneDoNotKeepItResting() {
        pace.onAsked(nowNs);
        while (!pace.rests(nowNs)) {
            nowNs += Pace.ABSENT_NS / 2;
            pace.onAnswered(true, 1_000_000, nowNs);
        }
        assertEquals(0, pace.frees(nowNs));
        nowNs += Pace.ABSENT_NS;
        assertFull();
    }
}
