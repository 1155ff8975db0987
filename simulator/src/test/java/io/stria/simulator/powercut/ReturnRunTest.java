package io.stria.simulator.powercut;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens just when a store comes back, it is in sync only when it has everything. */
@Timeout(300)
class ReturnRunTest {
    private static final int SEEDS = Integer.getInteger("stria.returns.seeds", 60);
    private static final long FIRST = Long.getLong("stria.returns.first", 1);

    @Test
    void keepsEveryPromiseWhenAStoreComesBackAtABadMoment() {
        long writes = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            writes += ReturnRun.play(seed);
        }
        assertTrue(writes > 100L * SEEDS, writes + " writes in " + SEEDS + " runs");
    }
}
