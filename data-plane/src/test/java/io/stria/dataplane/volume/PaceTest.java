package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PaceTest {
    private long nowNs = 77_000_000_000L;
    private final Pace pace = new Pace(nowNs);

    private void assertFull() {
        assertEquals(Pace.COPIES_MAX, pace.copies(nowNs));
        assertEquals(RunCopy.BYTES_MAX, pace.bytes(nowNs));
        assertEquals(AnswerBuffers.BYTES, pace.listedBytes(nowNs));
    }

    private void assertMild() {
        assertEquals(Pace.COPIES_BESIDE_HOSTS, pace.copies(nowNs));
        assertEquals(Pace.BYTES_BESIDE_HOSTS, pace.bytes(nowNs));
        assertEquals(Pace.LISTED_BYTES_BESIDE_HOSTS, pace.listedBytes(nowNs));
    }

    @Test
    void nobodyIsThereSoNothingIsHeldBack() {
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
}
