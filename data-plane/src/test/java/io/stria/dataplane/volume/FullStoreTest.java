package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A store without room fails what needs room, and holds nothing else up. */
class FullStoreTest {
    private static final long FRESH = 128;

    private final OwnerScenario scenario = new OwnerScenario();

    private void fill(int slot) {
        scenario.stores.get(slot).fill(OwnerScenario.PAGE_SHIFT);
    }

    @Test
    void aWriteThatOneStoreHasNoRoomForFailsAndTheBlocksStayEmpty() {
        assertEquals(IoStatus.OK, scenario.write(0, 4, 1));
        fill(1);
        assertEquals(IoStatus.NO_SPACE, scenario.write(FRESH, 4, 2));
        assertEquals(0, scenario.read(FRESH), "as it was, and no lock is left");
        assertEquals(IoStatus.OK, scenario.write(0, 4, 3), "what has a page is written");
        assertEquals(3, scenario.read(0));
        assertEquals(List.of(), scenario.marks);
        scenario.stores.get(1).makeRoom();
        assertEquals(IoStatus.OK, scenario.write(FRESH, 4, 4));
        assertEquals(4, scenario.read(FRESH));
    }

    /** Its page is there, on the others, and its own header is lost. */
    @Test
    void aWriteDoesNotEmptyABlockThatAFullStoreHasForgotten() {
        assertEquals(IoStatus.OK, scenario.write(0, 1, 5));
        scenario.runFor(OwnerScenario.SECOND_NS);
        scenario.stores.getFirst().loseChunk(OwnerScenario.VUID, OwnerScenario.PAGE_SHIFT);
        fill(0);
        assertEquals(IoStatus.OK, scenario.write(0, 1, 6));
        assertEquals(6, scenario.read(0));
        assertEquals(List.of("0 behind"), scenario.marks);
    }

    /** Between the end of its catch-up and the map that says so it goes back to an older image. */
    @Test
    void aStoreThatWasCaughtUpAndComesBackFullWithoutAPageEmptiesNothing() {
        MemoryStore store = scenario.stores.get(3);
        MemoryStore.Image old = store.image();
        store.setUp(false);
        assertEquals(IoStatus.OK, scenario.write(FRESH, 1, 2));
        scenario.decidesInSync = false;
        store.setUp(true);
        scenario.runFor(10 * OwnerScenario.SECOND_NS);
        assertTrue(store.fragments() > 0, "it is caught up");

        store.setUp(false);
        store.rollBack(old);
        fill(3);
        store.setUp(true);
        OwnerScenario.Io overwrite = scenario.begin(IoOp.WRITE, FRESH, 1, 3);
        scenario.runFor(OwnerScenario.SECOND_NS);
        scenario.markAnew(3);
        assertEquals(IoStatus.OK, scenario.end(overwrite).status);
        assertEquals(3, scenario.read(FRESH));
    }

    @Test
    void theNextOwnerFindsThemEmptyToo() {
        fill(1);
        assertEquals(IoStatus.NO_SPACE, scenario.write(FRESH, 4, 2));
        assertEquals(0, scenario.read(FRESH));
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        assertEquals(0, scenario.read(FRESH));
        scenario.stores.get(1).makeRoom();
        assertEquals(IoStatus.OK, scenario.write(FRESH, 4, 4));
        assertEquals(4, scenario.read(FRESH));
    }

    /** It ends as soon as the host has been told, when all others had the write durably. */
    @Test
    void theNextOwnerFindsThemEmptyAlsoWhenThisOneEndsAtOnce() {
        fill(1);
        scenario.clients.get(1).takes(() -> 5_000_000);
        assertEquals(IoStatus.NO_SPACE, scenario.write(FRESH, 4, 2));
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        assertEquals(0, scenario.read(FRESH));
        assertEquals(List.of(), scenario.marks);
    }

    /** A page takes two operations, of which the second is answered later. */
    @Test
    void noPartOfItIsUnderWayWhenTheHostIsTold() {
        fill(1);
        int[] commands = {0};
        scenario.clients.get(1).takes(() -> commands[0]++ == 1 ? 50_000_000 : 1_000_000);
        long page = FRESH / 64 * 64;
        assertEquals(IoStatus.NO_SPACE, scenario.write(page, 64, 2));
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        for (long block = page; block < page + 64; block++) {
            assertEquals(0, scenario.read(block));
        }
    }

    @Test
    void aTakeOverGoesOnWithoutAStoreThatHasNoRoomForWhatWasDecided() {
        fill(1);
        scenario.clients.get(0).hang(request -> true); // neither answered nor made undone
        scenario.begin(IoOp.WRITE, FRESH, 1, 2);
        scenario.runFor(20_000_000);
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        long found = scenario.read(FRESH);
        assertTrue(found == 0 || found == 2, "" + found);
        scenario.startOwner();
        scenario.runUntil(() -> scenario.owner.isServing());
        assertEquals(found, scenario.read(FRESH));
    }

    @Test
    void aSlotThatComesBackFullIsLeftOutUntilItHasRoom() {
        scenario.stores.get(3).setUp(false);
        assertEquals(IoStatus.OK, scenario.write(FRESH, 4, 2));
        fill(3);
        int[] attaches = {0};
        scenario.clients
                .get(3)
                .hang(request -> {
                    attaches[0] += request.op == FragmentOp.ATTACH ? 1 : 0;
                    return false;
                });
        scenario.stores.get(3).setUp(true);
        scenario.runFor(10 * OwnerScenario.SECOND_NS);
        assertTrue(attaches[0] <= 3, attaches[0] + " attempts in ten seconds");
        assertEquals(IoStatus.OK, scenario.write(FRESH, 4, 3));
        assertTrue(scenario.behind.containsKey(3));
        scenario.stores.get(3).makeRoom();
        scenario.runUntil(() -> scenario.behind.isEmpty());
        assertEquals(3, scenario.read(FRESH));
    }

    /** It lacks a page that hosts have discarded since: there is nothing to have. */
    @Test
    void aSlotThatComesBackFullNeedsNoRoomForWhatIsEmpty() {
        scenario.stores.get(3).setUp(false);
        assertEquals(IoStatus.OK, scenario.write(FRESH, 4, 2));
        fill(3);
        scenario.stores.get(3).setUp(true);
        scenario.runFor(10 * OwnerScenario.SECOND_NS);
        assertTrue(scenario.behind.containsKey(3), "it has no room for what was written");
        assertEquals(IoStatus.OK, scenario.end(scenario.begin(IoOp.UNMAP, FRESH, 4, 0)).status);
        scenario.runUntil(() -> scenario.behind.isEmpty());
        assertEquals(0, scenario.read(FRESH));
    }
}
