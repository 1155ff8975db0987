package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NonceMemoryTest {
    private static final long PERIOD_MS = 1000;
    private static final long START_MS = 1_000_000_000L;

    private final NonceMemory memory = new NonceMemory(PERIOD_MS);

    @Test
    void knowsANonceForAPeriodAtLeast() {
        assertFalse(memory.seenBefore("a", START_MS));
        for (long ms = 0; ms <= PERIOD_MS; ms += 10) {
            memory.seenBefore("other " + ms, START_MS + ms);
            assertTrue(memory.seenBefore("a", START_MS + ms), ms + " ms later");
        }
    }

    @Test
    void forgetsThoughTheClockWentBackByADay() {
        memory.seenBefore("before", START_MS);
        for (int ms = 0; ms < 100_000; ms++) {
            assertFalse(memory.seenBefore("nonce " + ms, START_MS - 86_400_000L + ms));
        }
        assertTrue(memory.size() <= 2 * PERIOD_MS, memory.size() + " are kept");
    }

    @Test
    void aClockThatGoesBackALittleBringsNoNonceBack() {
        for (int step = 0; step < 10; step++) {
            memory.seenBefore("nonce " + step, START_MS - 100 * step);
        }
        for (int step = 0; step < 10; step++) {
            assertTrue(memory.seenBefore("nonce " + step, START_MS), "nonce " + step);
        }
    }
}
