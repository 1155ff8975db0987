package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QuietTimesTest {
    private final QuietTimes times = new QuietTimes();

    private void record(int count, long ns) {
        for (int i = 0; i < count; i++) {
            times.record(ns);
        }
    }

    private static void assertNear(long ns, long found) {
        assertEquals(ns, found, ns / 30.0);
    }

    @Test
    void fewSayNothing() {
        record(QuietTimes.KNOWN_FROM - 1, 1_000_000);
        assertEquals(QuietTimes.UNKNOWN, times.p99Ns());
        record(1, 1_000_000);
        assertNear(1_000_000, times.p99Ns());
    }

    @Test
    void oneInAHundredMayTakeLonger() {
        record(990, 300_000);
        record(10, 70_000_000);
        assertNear(300_000, times.p99Ns());
        record(1, 70_000_000);
        assertNear(70_000_000, times.p99Ns());
    }

    @Test
    void isCloseForEveryLength() {
        for (long ns = 1_100; ns < 16_000_000_000L; ns = ns * 21 / 20) {
            QuietTimes one = new QuietTimes();
            for (int i = 0; i < QuietTimes.KNOWN_FROM; i++) {
                one.record(ns);
            }
            assertNear(ns, one.p99Ns());
        }
    }

    @Test
    void whatIsOutsideCountsAsTheShortestOrTheLongest() {
        record(QuietTimes.KNOWN_FROM, 0);
        assertNear(1_050, times.p99Ns());
        record(100, Long.MAX_VALUE);
        assertNear(17_000_000_000L, times.p99Ns());
    }

    @Test
    void whatWasLongAgoIsForgotten() {
        record(4_000, 50_000_000);
        record(40_000, 1_000_000);
        assertNear(1_000_000, times.p99Ns());
    }
}
