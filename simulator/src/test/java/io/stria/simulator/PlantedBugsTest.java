package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The simulation must be able to fail: what breaks a promise is caught within a few seeds. */
@Timeout(300)
class PlantedBugsTest {
    private static final int SEEDS_MAX = 12;

    private static void isCaught(Supplier<Seams> bug) {
        for (long seed = 1; seed <= SEEDS_MAX; seed++) {
            try {
                new Trial(seed, 5, new Scheme(2)).run(ChunkStores.small(), bug.get(), false);
            } catch (AssertionError _) {
                return;
            }
        }
        throw new AssertionError("not caught by " + SEEDS_MAX + " seeds");
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
        AssertionError caught =
                assertThrows(
                        AssertionError.class,
                        () -> {
                            for (long seed = 1; seed <= SEEDS_MAX; seed++) {
                                Scene.play(
                                        seed,
                                        5,
                                        new Scheme(2),
                                        PlantedBugs.marksThatNobodyDecided(),
                                        ScenariosTest::ownerAndAnotherDieThatHadWhatAThirdMissed);
                            }
                        });
        assertTrue(caught.getMessage().contains("block"), caught.getMessage());
    }
}
