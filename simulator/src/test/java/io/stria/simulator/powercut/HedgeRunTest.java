package io.stria.simulator.powercut;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whichever stores are slow, what reads show is what was acknowledged. */
@Timeout(300)
class HedgeRunTest {
    private static final int SEEDS = Integer.getInteger("stria.hedge.seeds", 60);
    private static final long FIRST = Long.getLong("stria.hedge.first", 1);

    @Test
    void readsWhatWasWrittenWhicheverStoresAreSlow() {
        long hedged = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            hedged += HedgeRun.play(seed);
        }
        assertTrue(hedged > 30L * SEEDS, hedged + " reads were hedged in " + SEEDS + " runs");
    }
}
