package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An owner that has no way to as many stores as writes need says so: others may have one. */
class CutOffTest {
    private static final long PATIENCE_NS = 4 * OwnerScenario.CONFIG.silentStoreNs();

    private final OwnerScenario scenario = new OwnerScenario();

    private void lose(int... slots) {
        for (int slot : slots) {
            scenario.stores.get(slot).setUp(false);
        }
    }

    @Test
    void withoutThreeStoresItSaysSoAfterAWhileAndUntilTheyAreBack() {
        lose(0, 1, 2);
        scenario.runFor(PATIENCE_NS - 10_000_000L);
        assertEquals(0, scenario.cutOffs);
        scenario.runFor(PATIENCE_NS);
        assertTrue(scenario.cutOffs > 1, scenario.cutOffs + " times");
        List.of(0, 1, 2).forEach(slot -> scenario.stores.get(slot).setUp(true));
        scenario.runUntil(() -> scenario.behind.isEmpty());
        int said = scenario.cutOffs;
        scenario.runFor(10 * PATIENCE_NS);
        assertEquals(said, scenario.cutOffs);
    }

    @Test
    void withoutTwoItServesAndSaysNothing() {
        lose(0, 1);
        scenario.runFor(10 * PATIENCE_NS);
        assertEquals(0, scenario.cutOffs);
        assertEquals(IoStatus.OK, scenario.write(1, 1, 11));
    }

    @Test
    void aNewOwnerThatCannotTakeOverSaysSoToo() {
        lose(1, 2, 3);
        scenario.startOwner();
        scenario.runFor(2 * PATIENCE_NS);
        assertFalse(scenario.owner.isServing());
        assertTrue(scenario.cutOffs > 0);
    }

    /** Whoever else came would not be answered either. */
    @Test
    void aStoreThatIsReachedAndDoesNotAnswerIsNotMissedForTheWay() {
        lose(0, 1);
        scenario.runUntil(() -> scenario.behind.size() == 2);
        scenario.clients.get(2).hang(request -> true);
        scenario.begin(IoOp.WRITE, 1, 1, 11);
        scenario.runFor(10 * PATIENCE_NS);
        assertEquals(0, scenario.cutOffs);
        assertTrue(scenario.proposals.stream().anyMatch(text -> text.startsWith("2 ")));
    }

    @Test
    void withoutALeaseItSaysNothing() {
        lose(0, 1, 2);
        scenario.leased = false;
        scenario.runFor(10 * PATIENCE_NS);
        assertEquals(0, scenario.cutOffs);
    }

    /** It is itself cut off: the store need not be gone, and a slot that returns waits for it. */
    @Test
    void withoutALeaseNobodyIsGone() {
        lose(0);
        scenario.runUntil(() -> scenario.behind.containsKey(0));
        assertEquals(IoStatus.OK, scenario.write(1, 1, 11));
        scenario.decides = false;
        scenario.leased = false;
        lose(1);
        scenario.stores.get(0).setUp(true);
        scenario.runFor(10 * PATIENCE_NS);
        StoreLink returned = scenario.owner.links().get(0);
        assertTrue(returned.isAttached() && !returned.compared);
        scenario.leased = true;
        scenario.runFor(PATIENCE_NS - 20_000_000L);
        assertFalse(returned.compared);
        scenario.runUntil(() -> scenario.behind.isEmpty());
    }
}
