package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Chunks moved to a slot while it was behind, and its catch-up has brought them there. When "in
 * sync" has been proposed, and the map does not say so yet, its store comes back as it was before
 * they came. Its watermark shows nothing: hosts have not written since. With one data fragment the
 * next read could ask it alone.
 */
@ParameterizedClass
@ValueSource(ints = {1, 2, 4})
class RolledBackReturnerTest {
    private static final long SECOND_NS = OwnerScenario.SECOND_NS;
    private static final int BLOCKS = 1_000;
    private static final int EVERY = 150;

    private final int returner;
    private final OwnerScenario world;
    private final MemoryStore store;
    private final MemoryStore.Image before;

    RolledBackReturnerTest(int dataFragments) {
        world = new OwnerScenario(dataFragments, BLOCKS);
        returner = world.scheme.fragments();
        for (long block = 0; block < BLOCKS; block += EVERY) {
            assertEquals(IoStatus.OK, world.write(block, 5, block + 1));
        }
        world.decidesSteps = false;
        world.moving(returner + 1, 1);
        world.runUntil(() -> world.owner.links().size() > returner && link().isTrusted());
        store = world.stores.get(returner);
        assertEquals(0, store.fragments());
        store.makeWatermarkDurable(OwnerScenario.VUID, world.owner.watermark().committed());
        before = store.image();
        store.setUp(false);
        world.stores.get(1).setUp(false);
        world.lost.add(1);
        world.runUntil(() -> world.behind.containsKey(returner) && world.behind.containsKey(1));
        world.decidesSteps = true;
        world.runFor(Movement.SKIP_AFTER_NS);
        world.runUntil(() -> !world.placing.isMoving());
        world.behind.remove(1); // nothing is placed there any more
        assertTrue(world.placing.missed().contains(returner));
        world.marks.clear();
        world.decidesInSync = false;
        world.config = RolledBackScenario.patient();
        store.setUp(true);
        world.runUntil(() -> link().isInSyncProposed());
        assertEquals(fragmentsOfOthers(), store.fragments());
    }

    private StoreLink link() {
        return world.owner.links().get(returner);
    }

    private int fragmentsOfOthers() {
        return world.stores.getFirst().fragments();
    }

    private void rollBack() {
        store.setUp(false);
        store.rollBack(before);
        store.setUp(true);
    }

    /** It counts as in sync, and two others are lost. */
    private void holdsAllOfIt() {
        world.runUntil(() -> world.behind.isEmpty() && world.owner.links().allTrusted());
        world.runFor(SECOND_NS);
        world.runUntil(() -> world.behind.isEmpty() && world.owner.links().allTrusted());
        assertNull(link().owedPages());
        assertEquals(fragmentsOfOthers(), store.fragments(), () -> "lacks: " + world.marks);
        world.stores.get(0).setUp(false);
        world.stores.get(2).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        for (long block = 0; block < BLOCKS; block += EVERY) {
            assertEquals(block + 1, world.read(block), "block " + block);
        }
    }

    private void isFoundOut() {
        holdsAllOfIt();
        String slot = String.valueOf(returner);
        assertEquals(
                List.of(slot + " in sync", slot + " behind", slot + " in sync"),
                world.marks.subList(0, 3));
    }

    @Test
    void whatItHasLostIsFoundOutWhenItIsBackBeforeTheDecision() {
        long association = link().association();
        rollBack();
        world.runUntil(() -> link().association() > association);
        world.decidesInSync = true;
        isFoundOut();
    }

    @Test
    void whatItHasLostIsFoundOutWhenItAttachesAfterTheDecision() {
        store.setUp(false);
        store.rollBack(before);
        world.decidesInSync = true;
        world.runUntil(() -> !link().isBehind());
        assertFalse(link().isAttached());
        store.setUp(true);
        isFoundOut();
    }

    /** Its connection tells of it late, and nothing is answered over it. */
    @Test
    void whatItHasLostIsFoundOutWhenItsEndIsNoticedAfterTheDecision() {
        MemoryStore.Client client = world.clients.get(returner);
        client.hang(request -> true);
        store.loseWritesSince(before);
        world.decidesInSync = true;
        world.runUntil(() -> link().isTrusted() && !link().isBehind());
        client.hang(request -> false);
        client.breakConnection();
        isFoundOut();
    }

    /** Its catch-up begins from the beginning, though the map does not say that it should. */
    @Test
    void whatItHasLostIsCaughtUpWhenItIsMarkedAfterTheDecision() {
        store.setUp(false);
        store.rollBack(before);
        world.decidesInSync = true;
        world.runUntil(() -> !link().isBehind());
        world.runUntil(() -> link().isBehind());
        assertTrue(world.placing.missed().isEmpty());
        store.setUp(true);
        holdsAllOfIt();
    }

    @Test
    void aStartThatHasLostNothingCostsNoCopy() {
        int replaced = store.replaced();
        store.setUp(false);
        store.setUp(true);
        world.runFor(SECOND_NS / 4);
        world.decidesInSync = true;
        world.runUntil(() -> link().isTrusted());
        world.runFor(SECOND_NS);
        assertEquals(replaced, store.replaced());
        assertEquals(List.of(returner + " in sync"), world.marks);
        holdsAllOfIt();
    }

    /** The control plane marks anew what a node that has registered anew has. */
    @Test
    void aMarkThatIsRenewedMeanwhileIsCaughtUpWith() {
        rollBack();
        world.markAnew(returner);
        world.decidesInSync = true;
        holdsAllOfIt();
    }
}
