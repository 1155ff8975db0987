package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that aim at who leads and who owns, with clocks as wrong as they may be. */
@Timeout(900)
class AimedRunTest {
    private static final int SEEDS = Integer.getInteger("stria.aimed.seeds", 40);
    private static final long FIRST = Long.getLong("stria.aimed.first", 1);

    @Test
    void keepsEveryPromiseWhenLeaderAndOwnerAreHit() {
        Outcome sum = Outcome.NOTHING;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            sum = sum.plus(AimedRun.play(seed));
        }
        assertTrue(sum.writes() > 100L * SEEDS, sum.toString());
    }
}
