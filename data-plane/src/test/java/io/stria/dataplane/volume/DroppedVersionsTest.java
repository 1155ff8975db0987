package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.Test;

/**
 * A slot catches up while another one, in sync, is away: what it is told of pages that have nothing
 * on that one leaves no older version there, or its table of versions would grow.
 */
class DroppedVersionsTest {
    private static final int RETURNED = 0;
    private static final int AWAY = 4;

    /** Pages from this one on have a chunk on the slot that is away. */
    private static final int PAGES_WITHOUT = 4;

    @Test
    void onlyPagesOfTheStoreThatIsAwayKeepOlderVersions() {
        OwnerScenario world = new OwnerScenario();
        world.config = RolledBackScenario.patient();
        world.placement =
                list ->
                        (page, slots) -> {
                            boolean with = page >= PAGES_WITHOUT && list.contains(AWAY);
                            for (int j = 0; j < slots.length; j++) {
                                slots[j] = j == slots.length - 1 && with ? AWAY : j;
                            }
                        };
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        world.moveTo(AWAY + 1);
        world.runUntil(() -> !world.placing.isMoving());
        long other = 64 * PAGES_WITHOUT;
        assertEquals(IoStatus.OK, world.write(0, 8, 1));
        assertEquals(IoStatus.OK, world.write(other, 8, 1));
        MemoryStore returned = world.stores.get(RETURNED);
        returned.setUp(false);
        world.runUntil(() -> world.behind.containsKey(RETURNED));
        world.decides = false;
        world.stores.get(AWAY).setUp(false);
        returned.setUp(true);
        world.runUntil(() -> world.owner.links().get(RETURNED).syncing);

        assertEquals(IoStatus.OK, world.end(world.begin(IoOp.UNMAP, 0, 4, 0)).status);
        assertEquals(4, returned.discardedAlone());
        int replaced = returned.replaced();
        assertEquals(IoStatus.OK, world.write(4, 4, 2));
        assertEquals(replaced + 4, returned.replaced());
        OwnerScenario.Io unmap = world.begin(IoOp.UNMAP, other, 4, 0);
        world.runFor(OwnerScenario.SECOND_NS / 10);
        assertFalse(unmap.hasEnded());
        assertEquals(4, returned.discardedAlone(), "what is away may be needed");

        world.stores.get(AWAY).setUp(true);
        world.decides = true;
        assertEquals(IoStatus.OK, world.end(unmap).status);
        world.runUntil(() -> world.behind.isEmpty());
        world.stores.get(1).setUp(false);
        world.stores.get(2).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        assertTrue(world.read(0) == 0 && world.read(other) == 0);
        assertEquals(2, world.read(4));
        assertEquals(1, world.read(other + 4));
    }
}
