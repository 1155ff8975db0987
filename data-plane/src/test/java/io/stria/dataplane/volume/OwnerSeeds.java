package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Many seeds of {@link OwnerSimulation}. */
final class OwnerSeeds {
    private static final int SEEDS = Integer.getInteger("stria.owner.seeds", 25);

    private OwnerSeeds() {}

    /** What fails is told with its seed and its story. */
    static void keepEveryAcknowledgedWrite(int dataFragments, int lbaBytes) {
        long hedged = 0;
        long discarded = 0;
        long givenUp = 0;
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
            givenUp += simulation.givenUp();
        }
        assertTrue(discarded > 5L * SEEDS, discarded + " discarded while their slot was behind");
        assertTrue(givenUp > 20L * SEEDS, givenUp + " given up");
        assertTrue(hedged > 20L * SEEDS, hedged + " hedged reads");
    }
}
