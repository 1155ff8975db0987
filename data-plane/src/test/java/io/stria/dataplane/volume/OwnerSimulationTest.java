package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Owners come and go, stores come and go, media rot: nothing acknowledged is lost, nothing read is
 * un-read.
 */
class OwnerSimulationTest {
    private static final int SEEDS = Integer.getInteger("stria.owner.seeds", 25);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void keepsEveryAcknowledgedWriteWhileOwnersAndStoresFail(int dataFragments) {
        keepsEveryAcknowledgedWrite(dataFragments, 4096);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void keepsEverySectorWhileItsNeighboursAreWrittenAndOwnersAndStoresFail(int dataFragments) {
        keepsEveryAcknowledgedWrite(dataFragments, 512);
    }

    private static void keepsEveryAcknowledgedWrite(int dataFragments, int lbaBytes) {
        long hedged = 0;
        long discarded = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            OwnerSimulation simulation = new OwnerSimulation(seed, dataFragments, lbaBytes);
            try {
                simulation.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed "
                                + seed
                                + ", n = "
                                + dataFragments
                                + " (repeat: new OwnerSimulation("
                                + seed
                                + "L, "
                                + dataFragments
                                + ", "
                                + lbaBytes
                                + ").run())\n"
                                + simulation.story(),
                        e);
            }
            assertTrue(simulation.acknowledged() > 100, "seed " + seed + " wrote next to nothing");
            hedged += simulation.hedged();
            discarded += simulation.discardedWhileBehind();
        }
        assertTrue(discarded > 5L * SEEDS, discarded + " discarded while their slot was behind");
        assertTrue(hedged > 20L * SEEDS, hedged + " hedged reads");
    }
}
