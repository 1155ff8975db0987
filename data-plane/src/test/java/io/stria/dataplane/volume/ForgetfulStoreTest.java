package io.stria.dataplane.volume;

import static io.stria.dataplane.volume.OwnerScenario.PAGE_SHIFT;
import static io.stria.dataplane.volume.OwnerScenario.SECOND_NS;
import static io.stria.dataplane.volume.OwnerScenario.VUID;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that has lost fragments must not make anybody believe that they never were. */
class ForgetfulStoreTest {
    /** 1+2: one of three stores says that nothing was written; the other two have every byte. */
    @Test
    void oneStoreThatHasForgottenABlockDoesNotMakeItZeros() {
        OwnerScenario scenario = new OwnerScenario(1);
        assertEquals(IoStatus.OK, scenario.write(0, 1, 5));
        scenario.stores.getFirst().lie();
        assertEquals(5, scenario.read(0));
    }

    /** And a slot that comes back is not made to forget it, too. */
    @Test
    void whatOneStoreHasForgottenIsNotReplacedByNothingElsewhere() {
        OwnerScenario scenario = new OwnerScenario(1);
        scenario.stores.get(2).setUp(false);
        scenario.runUntil(() -> scenario.behind.containsKey(2));
        assertEquals(IoStatus.OK, scenario.write(0, 1, 5));
        scenario.stores.getFirst().lie();
        scenario.stores.get(2).setUp(true);
        scenario.runUntil(scenario.behind::isEmpty);
        scenario.runFor(SECOND_NS);
        assertEquals(1, scenario.stores.get(2).fragments());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aStoreThatCannotTellWhatItHasLostIsBroughtToDateFromTheOthers(int dataFragments) {
        OwnerScenario scenario = new OwnerScenario(dataFragments);
        MemoryStore store = written(scenario);
        int before = store.fragments();
        store.loseChunk(VUID, PAGE_SHIFT);
        assertTrue(store.isForgetful() && store.fragments() < before);
        for (int block = 0; block < 256; block += 32) {
            assertEquals(block + 1, scenario.read(block));
        }
        assertEquals(0, scenario.read(700), "what was never written is still empty");
        scenario.runUntil(() -> scenario.marks.contains("0 in sync"));
        scenario.runFor(SECOND_NS);
        assertEquals(List.of("0 behind", "0 in sync"), scenario.marks);
        assertFalse(store.isForgetful(), "it has heard that all are in sync");
        assertEquals(before, store.fragments());
    }

    @Test
    void theNextOwnerBringsItToDateToo() {
        OwnerScenario scenario = new OwnerScenario(1);
        MemoryStore store = written(scenario);
        int before = store.fragments();
        store.loseChunk(VUID, PAGE_SHIFT);
        scenario.startOwner();
        scenario.runUntil(() -> scenario.marks.contains("0 in sync"));
        scenario.runFor(SECOND_NS);
        assertEquals(1, scenario.read(0));
        assertFalse(store.isForgetful());
        assertEquals(before, store.fragments());
    }

    private static MemoryStore written(OwnerScenario scenario) {
        for (int block = 0; block < 256; block += 32) {
            assertEquals(IoStatus.OK, scenario.write(block, 32, block + 1));
        }
        scenario.runFor(SECOND_NS);
        return scenario.stores.getFirst();
    }
}
