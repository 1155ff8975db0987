package io.stria.simulator.powercut;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever two stores of a block have lost, and wherever there is no room, reads are right. */
@Timeout(300)
class MediaRunTest {
    private static final int SEEDS = Integer.getInteger("stria.media.seeds", 150);
    private static final long FIRST = Long.getLong("stria.media.first", 1);

    @Test
    void readsWhatWasWrittenWhateverTwoStoresHaveLost() {
        long damaged = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            damaged += MediaRun.play(seed);
        }
        assertTrue(damaged > SEEDS, damaged + " blocks were spoilt in " + SEEDS + " runs");
    }
}
