package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens to a cluster, nothing acknowledged is lost and nothing read is un-read. */
@Timeout(600)
class RandomRunTest {
    private static final int SEEDS = Integer.getInteger("stria.simulator.seeds", 20);
    private static final long FIRST = Long.getLong("stria.simulator.first", 1);

    @Test
    void keepsEveryPromiseUnderRandomFaults() {
        long writes = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            writes += Trial.of(seed).run().writes();
        }
        assertTrue(writes > 100L * SEEDS, "only " + writes + " writes were answered");
    }

    @Test
    void theSameSeedIsTheSameRun() {
        Trial trial = Trial.of(FIRST);
        assertEquals(trial.run(), trial.run());
    }
}
