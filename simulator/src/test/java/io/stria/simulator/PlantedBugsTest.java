package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The simulation must be able to fail: what breaks a promise is caught within a few seeds, of which
 * the one that catches it finds nothing where the promise is kept.
 */
@Timeout(300)
class PlantedBugsTest {
    private static final int SEEDS_MAX = 12;

    private static void isCaught(Supplier<Seams> bug) {
        for (long seed = 1; seed <= SEEDS_MAX; seed++) {
            try {
                run(seed, bug.get());
            } catch (AssertionError _) {
                run(seed, Seams.NONE);
                return;
            }
        }
        throw new AssertionError("not caught by " + SEEDS_MAX + " seeds");
    }

    private static void run(long seed, Seams seams) {
        new Trial(seed, 5, new Scheme(2)).run(ChunkStores.small(), seams, false);
    }

    @Test
    void storesThatAnswerBeforeTheyAreDurableAreCaught() {
        isCaught(PlantedBugs::storesThatAnswerTooEarly);
    }

    @Test
    void storesThatForgetWritesAreCaught() {
        isCaught(PlantedBugs::storesThatForgetWrites);
    }

    @Test
    void storesThatListNothingAreCaught() {
        isCaught(PlantedBugs::storesThatListNothing);
    }

    @Test
    void leasesThatNeverEndAreCaught() {
        isCaught(PlantedBugs::leasesThatNeverEnd);
    }

    @Test
    void marksThatNobodyDecidedAreCaught() {
        for (long seed = 1; seed <= SEEDS_MAX; seed++) {
            try {
                playWithMarks(seed, PlantedBugs.marksThatNobodyDecided());
            } catch (AssertionError e) {
                assertTrue(e.getMessage().contains("block"), e.getMessage());
                playWithMarks(seed, Seams.NONE);
                return;
            }
        }
        throw new AssertionError("not caught by " + SEEDS_MAX + " seeds");
    }

    private static void playWithMarks(long seed, Seams seams) {
        Scene.play(
                seed,
                5,
                new Scheme(2),
                seams,
                ScenariosTest::ownerAndAnotherDieThatHadWhatAThirdMissed);
    }
}
