package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Placing;
import io.stria.clustermap.SlotList;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Writes that wait for a third lost store go on when their hosts have given them up. Even pages are
 * on slots 0 to 2, of which all are lost, odd ones on three others.
 */
class OrphanedWritesTest {
    private static final int BLOCKS_PER_PAGE = 32;

    private final OwnerScenario scenario = new OwnerScenario(1);
    private final List<OwnerScenario.Io> given = new ArrayList<>();

    @BeforeEach
    void loses() {
        for (int more = 0; more < 3; more++) {
            scenario.stores.add(new MemoryStore(scenario.world));
        }
        scenario.placing = Placing.settled(new SlotList(6, new TreeSet<>()));
        scenario.placement =
                list ->
                        (page, slots) -> {
                            for (int j = 0; j < slots.length; j++) {
                                slots[j] = (int) (page % 2) * slots.length + j;
                            }
                        };
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        List.of(0, 1, 2).forEach(slot -> scenario.stores.get(slot).setUp(false));
        scenario.runUntil(() -> scenario.behind.size() == 2);
    }

    /** So many writes, of one block each, of the first page. */
    private void begin(int writes, long value) {
        for (int i = 0; i < writes; i++) {
            given.add(scenario.begin(IoOp.WRITE, i, 1, value + i));
        }
    }

    @Test
    void pagesThatDoNotNeedTheStoreAreWrittenOn() {
        int writes = OwnerScenario.CONFIG.opsMax() + 4;
        begin(writes, 100);
        given.forEach(io -> assertEquals(IoStatus.UNAVAILABLE, scenario.end(io).status));
        assertEquals(IoStatus.OK, scenario.write(BLOCKS_PER_PAGE, 1, 77));
        scenario.stores.forEach(store -> store.setUp(true));
        scenario.runUntil(() -> scenario.behind.isEmpty());
        assertEquals(77, scenario.read(BLOCKS_PER_PAGE));
        for (int i = 0; i < OwnerScenario.CONFIG.opsMax(); i++) {
            assertEquals(100 + i, scenario.read(i), "begun, and given up by its host: block " + i);
        }
        for (int i = 0; i < writes; i++) {
            assertEquals(IoStatus.OK, scenario.write(i, 1, 200 + i));
            assertEquals(200 + i, scenario.read(i));
        }
        assertTrue(scenario.owner.isServing());
    }
}
