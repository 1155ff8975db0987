package io.stria.simulator.powercut;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device that went back to an older image is found out, whatever the others say and when. */
@Timeout(300)
class RollBackRunTest {
    private static final int SEEDS = Integer.getInteger("stria.rollbacks.seeds", 60);
    private static final long FIRST = Long.getLong("stria.rollbacks.first", 1);

    @Test
    void losesNothingWhenAWatermarkRisesInATakeOver() {
        long writes = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            writes += RollBackRun.play(seed);
        }
        assertTrue(writes > 50L * SEEDS, writes + " writes in " + SEEDS + " runs");
    }
}
