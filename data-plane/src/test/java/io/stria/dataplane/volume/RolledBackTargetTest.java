package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A store that chunks move to comes back as it was before they were copied there, so soon that it
 * is not marked, and its watermark shows nothing: hosts have not written since.
 */
class RolledBackTargetTest {
    private static final long SECOND_NS = OwnerScenario.SECOND_NS;
    private static final long MS_NS = 1_000_000L;

    /** Of 64 blocks each. */
    private static final int FIRST_WINDOW_PAGES = 16;

    private static final int REMOVED = 1;
    private static final int TARGET = 4;
    private static final int BLOCKS_OF_ONE_WINDOW = 1_000;
    private static final int BLOCKS_OF_MORE = 6_000;

    private final Map<Long, Long> expected = new TreeMap<>();

    private OwnerScenario written(int blocks) {
        OwnerScenario world = new OwnerScenario(2, blocks);
        world.config = RolledBackScenario.patient();
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        for (long block = 0; block < blocks; block += 150) {
            assertEquals(IoStatus.OK, world.write(block, 5, block + 1));
            for (int i = 0; i < 5; i++) {
                expected.put(block + i, block + 1);
            }
        }
        return world;
    }

    /** The target knows what is committed, and nothing was copied there yet. */
    private static MemoryStore.Image before(OwnerScenario world) {
        MemoryStore store = world.stores.get(TARGET);
        world.runUntil(() -> world.owner.links().size() > TARGET && target(world).isTrusted());
        assertEquals(0, store.fragments());
        store.makeWatermarkDurable(OwnerScenario.VUID, world.owner.watermark().committed());
        return store.image();
    }

    private static void rollBack(OwnerScenario world, MemoryStore.Image to) {
        MemoryStore store = world.stores.get(TARGET);
        store.setUp(false);
        store.rollBack(to);
        store.setUp(true);
    }

    private static StoreLink target(OwnerScenario world) {
        return world.owner.links().get(TARGET);
    }

    private static void loseTwo(OwnerScenario world, int one, int other) {
        world.stores.get(one).setUp(false);
        world.stores.get(other).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
    }

    private void arrivesWithAll(OwnerScenario world, String when) {
        arrivesWithAll(world, REMOVED, when);
    }

    private void arrivesWithAll(OwnerScenario world, int removed, String when) {
        int one = (removed + 1) % TARGET;
        int other = (removed + 3) % TARGET;
        world.decidesSteps = true;
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
        world.runUntil(() -> world.behind.isEmpty() && world.owner.links().allTrusted());
        assertNull(target(world).owedPages());
        assertEquals(
                world.stores.get(one).fragments(),
                world.stores.get(TARGET).fragments(),
                () -> when + ", the target lacks chunks: " + world.marks);
        loseTwo(world, one, other);
        expected.forEach((block, value) ->
                assertEquals(value, world.read(block), () -> when + ", block " + block));
    }

    /** Nothing was on its way to it when it went: no copy fails. */
    @Test
    void whatItWasGivenBeforeTheStepIsProposedIsCopiedAgain() {
        OwnerScenario world = written(BLOCKS_OF_MORE);
        world.placement =
                list ->
                        (page, slots) -> {
                            int other = page < FIRST_WINDOW_PAGES ? TARGET + 1 : TARGET;
                            for (int j = 0; j < slots.length; j++) {
                                slots[j] = j == 1 && !list.contains(1) ? other : j;
                            }
                        };
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        world.decidesSteps = false;
        world.moving(TARGET + 2, REMOVED);
        MemoryStore.Image image = before(world);
        world.runFor(SECOND_NS / 2);
        assertTrue(world.stores.get(TARGET).fragments() > 0, "nothing was copied ahead");
        assertTrue(world.steps.stream().allMatch(step -> step.startsWith("0 to 16 ")));
        rollBack(world, image);
        world.runFor(SECOND_NS / 4);
        assertTrue(world.stores.get(TARGET).fragments() > 0, "it does not begin anew");
        world.decidesSteps = true;
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
        assertEquals(List.of(), world.marks);
        assertEquals(
                world.stores.get(0).fragments(),
                world.stores.get(TARGET).fragments() + world.stores.get(TARGET + 1).fragments());
        loseTwo(world, 0, 2);
        expected.forEach((block, value) -> assertEquals(value, world.read(block)));
    }

    private static OwnerScenario proposed(OwnerScenario world) {
        world.runUntil(() -> !world.steps.isEmpty());
        assertTrue(world.stores.get(TARGET).fragments() > 0);
        return world;
    }

    @Test
    void whatItHasLostWhenItsStepIsDecidedIsFoundOut() {
        OwnerScenario world = written(BLOCKS_OF_ONE_WINDOW);
        world.decidesSteps = false;
        world.moving(TARGET + 1, REMOVED);
        MemoryStore.Image image = before(world);
        proposed(world);
        long association = target(world).association();
        rollBack(world, image);
        world.runUntil(() ->
                target(world).association() > association && world.owner.links().allTrusted());
        arrivesWithAll(world, "back before the decision");
        assertEquals(List.of("4 behind", "4 in sync"), world.marks.subList(0, 2));
    }

    @Test
    void whatItHasLostIsFoundOutWhenItAttachesAfterTheDecision() {
        OwnerScenario world = written(BLOCKS_OF_ONE_WINDOW);
        world.decidesSteps = false;
        world.moving(TARGET + 1, REMOVED);
        MemoryStore.Image image = before(world);
        proposed(world);
        rollBack(world, image);
        world.undecided.getFirst().run();
        world.runFor(MS_NS / 10);
        assertFalse(world.owner.pages().placing().isMoving());
        assertFalse(target(world).isAttached());
        arrivesWithAll(world, "back after the decision");
        assertEquals(List.of("4 behind", "4 in sync"), world.marks.subList(0, 2));
    }

    /** Its connection tells of it late, and nothing is answered over it. */
    @Test
    void whatItHasLostIsFoundOutWhenItsEndIsNoticedAfterTheDecision() {
        OwnerScenario world = written(BLOCKS_OF_ONE_WINDOW);
        world.decidesSteps = false;
        world.moving(TARGET + 1, REMOVED);
        MemoryStore.Image image = before(world);
        proposed(world);
        MemoryStore.Client client = world.clients.get(TARGET);
        client.hang(request -> true);
        world.stores.get(TARGET).loseWritesSince(image);
        world.undecided.getFirst().run();
        world.runFor(SECOND_NS / 10);
        assertFalse(world.owner.pages().placing().isMoving());
        assertTrue(target(world).isTrusted());
        client.hang(request -> false);
        client.breakConnection();
        arrivesWithAll(world, "noticed after the decision");
        assertEquals(List.of("4 behind", "4 in sync"), world.marks.subList(0, 2));
    }

    /** Its catch-up looks for more than what was written since. */
    @Test
    void whatItHasLostIsCaughtUpWhenItIsMarkedAfterTheDecision() {
        OwnerScenario world = written(BLOCKS_OF_ONE_WINDOW);
        world.decidesSteps = false;
        world.moving(TARGET + 1, REMOVED);
        MemoryStore.Image image = before(world);
        proposed(world);
        MemoryStore store = world.stores.get(TARGET);
        store.setUp(false);
        world.undecided.getFirst().run();
        world.runUntil(() -> world.behind.containsKey(TARGET));
        store.rollBack(image);
        store.setUp(true);
        arrivesWithAll(world, "marked");
    }

    /** It has lost nothing: hosts wait for the decision alone, and nothing is copied again. */
    @Test
    void aConnectionThatBreaksWhileAStepIsDecidedCostsHostsNothing() {
        OwnerScenario world = written(BLOCKS_OF_ONE_WINDOW);
        world.decidesSteps = false;
        world.moving(TARGET + 1, REMOVED);
        before(world);
        proposed(world);
        int replaced = world.stores.get(TARGET).replaced();
        world.clients.get(TARGET).breakConnection();
        OwnerScenario.Io read = world.begin(IoOp.READ, 0, 1, 0);
        world.runFor(SECOND_NS / 4);
        assertFalse(read.hasEnded());
        world.decidesSteps = true;
        long fromNs = world.world.nowNs();
        assertEquals(1, world.end(read).value(0));
        assertTrue(world.world.nowNs() - fromNs < 20 * MS_NS);
        world.runFor(SECOND_NS);
        assertEquals(replaced, world.stores.get(TARGET).replaced());
        assertEquals(List.of(), world.marks);
        arrivesWithAll(world, "only its connection broke");
    }

    @Test
    void whatItHasLostIsMadeGoodWheneverItIsRolledBackBeforeAStepIsDecided() {
        int proposed = 0;
        for (int moment = 0; moment < 60; moment++) {
            OwnerScenario world = written(BLOCKS_OF_MORE);
            world.runFor(Pace.ABSENT_NS); // it is copied at once
            world.decisionNs = 5 * MS_NS;
            int removed = moment % TARGET;
            world.moving(TARGET + 1, removed);
            MemoryStore.Image image = before(world);
            world.runFor(moment * MS_NS);
            if (world.owner.pages().placing().cursor() == 0) {
                proposed += world.steps.isEmpty() ? 0 : 1;
                rollBack(world, image);
                arrivesWithAll(world, removed, "moment " + moment);
            }
            expected.clear();
        }
        assertTrue(proposed > 3, "steps proposed: " + proposed);
    }

    /** Of a volume with one data fragment a host's read may be answered by that store alone. */
    @Test
    void whatItHeldInAnEarlierTimeIsNotReadAgain() {
        OwnerScenario single = new OwnerScenario(1, BLOCKS_OF_MORE);
        single.config = RolledBackScenario.patient();
        single.placement =
                list ->
                        (page, slots) -> {
                            boolean there = page >= FIRST_WINDOW_PAGES && list.contains(3);
                            slots[0] = there ? 3 : 0;
                            slots[1] = 1;
                            slots[2] = 2;
                        };
        single.startOwner();
        single.runUntil(() -> single.owner.isServing());
        single.moveTo(4);
        single.runUntil(() -> !single.placing.isMoving());
        long block = (FIRST_WINDOW_PAGES + 4) * 32L;
        assertEquals(IoStatus.OK, single.write(3, 1, 111));
        assertEquals(IoStatus.OK, single.write(block, 20, 333));
        single.runFor(SECOND_NS);
        MemoryStore.Image old = single.stores.get(3).image();
        single.moving(4, 3);
        single.runUntil(() -> !single.placing.isMoving());
        IoStatus unmapped = single.end(single.begin(IoOp.UNMAP, block, 20, 0)).status;
        assertEquals(IoStatus.OK, unmapped);
        single.runFor(SECOND_NS);
        assertEquals(0, single.stores.get(3).fragments());
        single.decidesSteps = false;
        single.moving(4);
        single.runUntil(() -> !single.steps.isEmpty());
        single.runFor(SECOND_NS);
        MemoryStore store = single.stores.get(3);
        store.setUp(false);
        store.loseWritesSince(old);
        store.setUp(true);
        single.runFor(SECOND_NS / 4);
        single.decidesSteps = true;
        single.runUntil(() -> !single.placing.isMoving());
        single.runFor(SECOND_NS);
        for (int i = 0; i < 20; i++) {
            assertEquals(0, single.read(block + i), "block " + i);
        }
        assertEquals(111, single.read(3));
    }
}
