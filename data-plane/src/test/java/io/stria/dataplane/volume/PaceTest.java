package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long MS_NS = 1_000_000L;

    private long nowNs = 77_000_000_000L;
    private final Pace pace = new Pace(nowNs);

    private void assertFull() {
        assertEquals(Pace.COPIES_MAX, pace.copies(nowNs));
        assertEquals(RunCopy.BYTES_MAX, pace.bytes(nowNs));
        assertEquals(AnswerBuffers.BYTES, pace.listedBytes(nowNs));
        assertFalse(pace.rests(nowNs));
    }

    private void assertMild() {
        assertEquals(Pace.COPIES_BESIDE_HOSTS, pace.copies(nowNs));
        assertEquals(Pace.BYTES_BESIDE_HOSTS, pace.bytes(nowNs));
        assertEquals(Pace.LISTED_BYTES_BESIDE_HOSTS, pace.listedBytes(nowNs));
        assertFalse(pace.rests(nowNs));
    }

    private void assertRestsFor(long restNs) {
        assertEquals(nowNs + restNs, pace.restsUntilNs());
        nowNs += restNs - 1;
        assertTrue(pace.rests(nowNs));
        assertEquals(0, pace.copies(nowNs));
        nowNs++;
        assertMild();
    }

    @Test
    void nobodyIsThereSoNothingIsHeldBack() {
        assertFull();
        pace.onEnded(nowNs - MS_NS, nowNs);
        assertFull();
    }

    @Test
    void theFirstIoOfAHostMakesItMild() {
        pace.onHostIo(nowNs);
        assertMild();
    }

    @Test
    void theLastOneIsForgottenAfterAWhile() {
        pace.onHostIo(nowNs);
        nowNs += Pace.ABSENT_NS - 1;
        assertMild();
        nowNs++;
        assertFull();
    }

    @Test
    void hostsThatAskForLittleKeepItMild() {
        for (int i = 0; i < 100; i++) {
            nowNs += Pace.ABSENT_NS / 2;
            pace.onHostIo(nowNs);
            assertMild();
        }
    }

    @Test
    void besideHostsItRestsInProportionToWhatSomethingTook() {
        pace.onHostIo(nowNs);
        pace.onEnded(nowNs - 3 * MS_NS, nowNs);
        assertRestsFor(Pace.RESTS * 3 * MS_NS);
    }

    @Test
    void theLongestRestCounts() {
        pace.onHostIo(nowNs);
        pace.onEnded(nowNs - 3 * MS_NS, nowNs);
        pace.onEnded(nowNs - MS_NS, nowNs);
        assertRestsFor(Pace.RESTS * 3 * MS_NS);
    }

    @Test
    void noRestIsLong() {
        pace.onHostIo(nowNs);
        pace.onEnded(nowNs - 5_000 * MS_NS, nowNs);
        assertRestsFor(Pace.REST_NS_MAX);
    }

    @Test
    void itRestsNoLongerThanHostsAreThere() {
        pace.onHostIo(nowNs - Pace.ABSENT_NS + MS_NS);
        pace.onEnded(nowNs - 5_000 * MS_NS, nowNs);
        assertEquals(nowNs + MS_NS, pace.restsUntilNs());
        assertTrue(pace.rests(nowNs));
        nowNs += MS_NS;
        assertFull();
    }
}
