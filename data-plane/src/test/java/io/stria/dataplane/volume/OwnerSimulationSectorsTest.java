package io.stria.dataplane.volume;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@link OwnerSimulationTest}; a class of its own, because it takes as long. */
class OwnerSimulationSectorsTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void keepsEverySectorWhileItsNeighboursAreWrittenAndOwnersAndStoresFail(int dataFragments) {
        OwnerSeeds.keepEveryAcknowledgedWrite(dataFragments, 512);
    }
}
