package io.stria.dataplane.volume;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Owners come and go, stores come and go, media rot: nothing acknowledged is lost, nothing read is
 * un-read.
 */
class OwnerSimulationTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void keepsEveryAcknowledgedWriteWhileOwnersAndStoresFail(int dataFragments) {
        OwnerSeeds.keepEveryAcknowledgedWrite(dataFragments, 4096);
    }
}
