package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import org.junit.jupiter.api.Test;

/**
 * Seeds of {@link StoreTorture}. A failure names its seed: {@code -Dstria.store.seed=N
 * -Dstria.store.seeds=1} runs it alone.
 */
class StoreTortureTest {
    @Test
    void everyFragmentIsOneWholeVersionThatTheRulesAllow() {
        long first = Long.getLong("stria.store.seed", 1);
        int seeds = Integer.getInteger("stria.store.seeds", 60);
        for (long seed = first; seed < first + seeds; seed++) {
            StoreTorture torture = new StoreTorture(seed);
            assertDoesNotThrow(torture::run, "seed " + seed);
        }
    }
}
