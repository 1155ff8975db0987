package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Movements of volumes that are larger than one window of pages, of 64 blocks each. */
class MovementWindowsTest {
    private static final long SECOND_NS = OwnerScenario.SECOND_NS;
    private static final long MS_NS = 1_000_000L;

    /** Of the second window; the first one has 16. */
    private static final long AHEAD = 20 * 64;

    private static void loseTwo(OwnerScenario world, int one, int other) {
        world.stores.get(one).setUp(false);
        world.stores.get(other).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
    }

    private static void writeAll(OwnerScenario world, Map<Long, Long> expected) {
        for (long block = 0; block < world.blocks; block += 150) {
            assertEquals(IoStatus.OK, world.write(block, 5, block + 1));
            for (int i = 0; i < 5; i++) {
                expected.put(block + i, block + 1);
            }
        }
    }

    /** All blocks hold something; the first of each write is to be read. */
    private static void fill(OwnerScenario world, Map<Long, Long> expected) {
        for (long block = 0; block + 32 <= world.blocks; block += 32) {
            assertEquals(IoStatus.OK, world.write(block, 32, block + 1));
            expected.put(block, block + 1);
        }
    }

    private static void readAll(OwnerScenario world, Map<Long, Long> expected, String when) {
        expected.forEach((block, value) ->
                assertEquals(value, world.read(block), () -> when + ", block " + block));
    }

    /** A step is proposed and undecided, and the window after it is copied. */
    private static OwnerScenario copiedAhead(Map<Long, Long> expected) {
        OwnerScenario world = new OwnerScenario(2, 6_000);
        writeAll(world, expected);
        world.decidesSteps = false;
        world.moving(5, 1);
        world.runUntil(() -> !world.steps.isEmpty());
        world.runFor(SECOND_NS);
        return world;
    }

    @Test
    void theNextWindowIsCopiedWhileAStepIsDecidedAndHostsWriteToIt() {
        Map<Long, Long> expected = new TreeMap<>();
        OwnerScenario world = copiedAhead(expected);
        long ahead = new StripeLayout(7, world.scheme, 8).address(1200 / 64, 3, 1200 % 64);
        assertTrue(world.stores.get(4).holds(ahead), "nothing was copied ahead");
        OwnerScenario.Io held = world.begin(IoOp.WRITE, 3, 1, 77);
        assertEquals(IoStatus.OK, world.write(AHEAD, 1, 78));
        assertEquals(IoStatus.OK, world.end(world.begin(IoOp.UNMAP, 1500, 1, 0)).status);
        assertEquals(78, world.read(AHEAD));
        world.runFor(SECOND_NS);
        assertFalse(held.hasEnded());
        assertTrue(
                world.steps.stream().allMatch(step -> step.startsWith("0 to 16 ")),
                () -> "a step before the one before it was decided: " + world.steps);
        world.decidesSteps = true;
        assertEquals(IoStatus.OK, world.end(held).status);
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
        expected.putAll(Map.of(3L, 77L, AHEAD, 78L, 1500L, 0L));
        readAll(world, expected, "arrived");
        assertEquals(0, world.stores.get(1).fragments());
        loseTwo(world, 0, 2);
        readAll(world, expected, "without two");
    }

    @Test
    void anOwnerThatEndsWhileItCopiesAheadLosesNothing() {
        for (int moment = 0; moment < 40; moment++) {
            OwnerScenario world = new OwnerScenario(2, 6_000);
            Map<Long, Long> expected = new TreeMap<>();
            writeAll(world, expected);
            world.decisionNs = 5 * MS_NS;
            world.moving(5, moment % 4);
            world.runFor(moment * 900_000L);
            world.write(AHEAD, 1, 4242);
            world.end(world.begin(IoOp.UNMAP, 1500, 1, 0));
            world.startOwner();
            world.runUntil(() -> world.owner.isServing());
            expected.putAll(Map.of(AHEAD, 4242L, 1500L, 0L));
            readAll(world, expected, "moment " + moment);
            world.write(AHEAD + 1, 1, 4343);
            expected.put(AHEAD + 1, 4343L);
            world.runUntil(() -> !world.placing.isMoving());
            world.runFor(SECOND_NS);
            loseTwo(world, (moment + 1) % 4, 4);
            readAll(world, expected, "arrived, moment " + moment);
        }
    }

    /** It is in sync again before the next window's step is proposed, and has lost its copies. */
    @Test
    void whatAStoreHasLostOfTheWindowAheadIsCopiedAgain() {
        Map<Long, Long> expected = new TreeMap<>();
        OwnerScenario world = copiedAhead(expected);
        assertTrue(world.stores.get(4).fragments() > 0);
        world.stores.get(4).setUp(false);
        world.runUntil(() -> world.behind.containsKey(4));
        comesBackEmpty(world);
        world.decidesSteps = true;
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
        assertEquals(
                world.stores.get(0).fragments(),
                world.stores.get(4).fragments(),
                "all that was copied there is there");
        loseTwo(world, 0, 2);
        readAll(world, expected, "without two");
    }

    /** The step over what was copied there is decided when the store has lost it. */
    @Test
    void aStepThatIsDecidedLateDoesNotCountWhatAStoreHasLostSince() {
        Map<Long, Long> expected = new TreeMap<>();
        OwnerScenario world = copiedAhead(expected);
        Runnable first = world.undecided.getFirst();
        world.stores.get(4).setUp(false);
        world.runUntil(() -> world.behind.containsKey(4));
        comesBackEmpty(world);
        first.run();
        arrives(world, expected);
    }

    /** A write of a window that was proposed, and so is locked. */
    private static OwnerScenario.Io waitsForTheLock(OwnerScenario world, Map<Long, Long> expected) {
        OwnerScenario.Io write = world.begin(IoOp.WRITE, 3, 1, 77);
        expected.put(3L, 77L);
        world.runFor(SECOND_NS / 2);
        assertFalse(write.hasEnded(), "the window is locked");
        return write;
    }

    private static void comesBackEmpty(OwnerScenario world) {
        world.stores.get(4).forget(OwnerScenario.VUID);
        world.stores.get(4).setUp(true);
        world.runUntil(() -> world.behind.isEmpty());
    }

    /** With all that the slot of the new places has to hold. */
    private static void arrives(OwnerScenario world, Map<Long, Long> expected) {
        world.decidesSteps = true;
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
        assertEquals(world.stores.get(0).fragments(), world.stores.get(4).fragments());
        loseTwo(world, 0, 2);
        readAll(world, expected, "without two");
    }

    /** Slots of the new places are marked, more than a page can lose, when its step is proposed. */
    @Test
    void aWindowThatWasProposedIsUnlockedWhenItsMovementIsHeld() {
        Map<Long, Long> expected = new TreeMap<>();
        OwnerScenario world = copiedAhead(expected);
        OwnerScenario.Io write = waitsForTheLock(world, expected);
        world.hold(true);
        assertEquals(IoStatus.OK, world.end(write).status);
        int proposed = world.steps.size();
        world.runFor(SECOND_NS);
        assertEquals(proposed, world.steps.size(), "nothing is proposed");
        assertTrue(world.owner.progress().contains("waits for slots that are behind"));
        world.undecided.forEach(Runnable::run);
        world.hold(false);
        world.undecided.forEach(Runnable::run);
        world.runFor(SECOND_NS / 100);
        assertEquals(0, world.placing.cursor());
        world.decidesSteps = true;
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
        loseTwo(world, 0, 2);
        readAll(world, expected, "without two");
    }

    /** Nothing that was proposed is decided any more: hosts need not wait until all is copied. */
    @Test
    void aWindowThatWasProposedIsUnlockedWhenASlotOfItsNewPlacesIsMarked() {
        Map<Long, Long> expected = new TreeMap<>();
        OwnerScenario world = copiedAhead(expected);
        OwnerScenario.Io write = waitsForTheLock(world, expected);
        world.stores.get(4).setUp(false);
        world.runUntil(() -> world.behind.containsKey(4));
        assertEquals(IoStatus.OK, world.end(write).status);
        world.undecided.forEach(Runnable::run);
        world.runFor(SECOND_NS / 100);
        assertEquals(0, world.placing.cursor());
        comesBackEmpty(world);
        arrives(world, expected);
    }

    /** Its step names that slot, and is refused, however late: hosts need not wait for anything. */
    @Test
    void aWindowThatWasProposedIsUnlockedWhenASlotThatItLeavesOutIsInSync() {
        OwnerScenario world = new OwnerScenario();
        Map<Long, Long> expected = new TreeMap<>();
        writeAll(world, expected);
        world.runFor(SECOND_NS);
        loseTwo(world, 1, 3);
        world.lost.add(1);
        world.decidesSteps = false;
        world.moving(5, 1);
        world.runFor(Movement.SKIP_AFTER_NS);
        world.runUntil(() -> !world.steps.isEmpty());
        assertTrue(world.steps.getFirst().endsWith("without [3]"));
        OwnerScenario.Io write = waitsForTheLock(world, expected);
        world.stores.get(3).setUp(true);
        assertEquals(IoStatus.OK, world.end(write).status);
        assertFalse(world.behind.containsKey(3));
        List.copyOf(world.undecided).stream()
                .limit(world.steps.stream().filter(step -> step.endsWith("[3]")).count())
                .forEach(Runnable::run);
        world.runFor(SECOND_NS / 100);
        assertEquals(0, world.placing.cursor());
        world.decidesSteps = true;
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
        assertEquals(Set.of(), world.placing.missed());
        world.behind.remove(1); // nothing is placed there any more
        loseTwo(world, 0, 2);
        readAll(world, expected, "without two");
    }

    /** Its old place says what was there before, and looks plain by itself. */
    @Test
    void whatWasMadeGoodAsItMovedStaysGoodWhenItsNeighboursAreCopiedOnceMore() {
        OwnerScenario world = new OwnerScenario(2, 6_000);
        assertEquals(IoStatus.OK, world.write(0, 1, 9));
        assertEquals(IoStatus.OK, world.write(AHEAD, 10, 1));
        world.runFor(SECOND_NS);
        MemoryStore.Image before = world.stores.get(3).image();
        assertEquals(IoStatus.OK, world.write(AHEAD + 5, 1, 2));
        world.runFor(SECOND_NS);
        world.stores.get(3).loseWritesSince(before);
        world.decidesSteps = false;
        world.moving(5, 3); // chunk 3 moves to slot 4
        world.runUntil(() -> !world.steps.isEmpty());
        world.runFor(SECOND_NS);
        assertEquals(IoStatus.OK, world.write(AHEAD + 4, 1, 3));
        assertEquals(IoStatus.OK, world.write(AHEAD + 6, 1, 3));
        world.decidesSteps = true;
        world.runUntil(() -> !world.placing.isMoving());
        loseTwo(world, 0, 1);
        readAll(world, Map.of(0L, 9L, AHEAD + 4, 3L, AHEAD + 5, 2L, AHEAD + 6, 3L), "lost");
    }

    /** It is in sync again while others of the same window are copied, and has lost its copies. */
    @Test
    void whatAStoreHasLostWhileOthersWereCopiedIsCopiedAgain() {
        OwnerScenario world = new OwnerScenario(2, 6_000);
        Map<Long, Long> expected = new TreeMap<>();
        writeAll(world, expected);
        world.config =
                new OwnerConfig(
                        50 * MS_NS,
                        2 * SECOND_NS,
                        10 * MS_NS,
                        16,
                        0,
                        100,
                        OwnerScenario.CONFIG.hedges());
        world.placement =
                list ->
                        (page, slots) -> {
                            int first = page < 10 ? 4 : 5;
                            for (int j = 0; j < slots.length; j++) {
                                slots[j] = j == 1 && !list.contains(1) ? first : j;
                            }
                        };
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        for (int other = 0; other < 40; other++) {
            world.copyBudget.join();
        }
        world.moving(6, 1);
        answersSlowly(world, 5);
        world.runUntil(() -> world.stores.get(5).replaced() > 0);
        int copied = world.stores.get(4).fragments();
        assertTrue(copied > 0);
        world.stores.get(4).setUp(false);
        world.runUntil(() -> world.behind.containsKey(4));
        comesBackEmpty(world);
        assertEquals(List.of(), world.steps);
        world.runUntil(() -> !world.placing.isMoving());
        assertEquals(copied, world.stores.get(4).fragments());
        loseTwo(world, 0, 2);
        readAll(world, expected, "without two");
    }

    private static void answersSlowly(OwnerScenario world, int slot) {
        world.clients.get(slot).release();
        world.clients.get(slot).hang(request -> request.op == FragmentOp.REPLACE);
        world.world.after(20 * MS_NS, () -> answersSlowly(world, slot));
    }

    /** It waits for a slot that is behind, perhaps for hours. */
    @Test
    void aMovementThatWaitsGivesItsShareBackWhenWhatItCopiedAheadHasEnded() {
        OwnerScenario world = new OwnerScenario(2, 6_000);
        Map<Long, Long> expected = new TreeMap<>();
        writeAll(world, expected);
        world.config = RolledBackScenario.patient();
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        world.decidesSteps = false;
        world.decidesInSync = false;
        StripeLayout layout = new StripeLayout(OwnerScenario.VUID, world.scheme, 8);
        world.moving(5, 1);
        int[] hung = new int[1];
        MemoryStore.Client target = world.clients.get(4);
        target.hang(request -> {
            boolean hangs =
                    request.op == FragmentOp.REPLACE && layout.pageOf(request.address) >= 16;
            hung[0] += hangs ? 1 : 0;
            return hangs;
        });
        world.runUntil(() -> hung[0] > 0 && !world.steps.isEmpty());
        world.markAnew(3);
        world.runUntil(() -> world.owner.progress().endsWith("waits for slot 3 to be in sync"));
        target.release();
        world.runFor(SECOND_NS);
        world.copyBudget.join();
        assertEquals(Pace.COPIES_MAX, world.copyBudget.share(), "of one other");
        world.copyBudget.leave();
        world.decidesInSync = true;
        arrives(world, expected);
    }

    /** All stores look for it, and tell it, at the same time. */
    @Test
    void besideHostsStoresListLittleAtATime() {
        OwnerScenario world = new OwnerScenario(2, 12_000);
        Map<Long, Long> expected = new TreeMap<>();
        fill(world, expected);
        world.runFor(Pace.ABSENT_NS);
        SortedSet<Integer> bytes = new TreeSet<>();
        world.clients
                .get(0)
                .hang(request -> {
                    if (request.op == FragmentOp.LIST) {
                        bytes.add(request.bufferBytes);
                    }
                    return false;
                });
        world.moving(5, 1);
        world.runUntil(() -> bytes.size() == 2);
        assertEquals(Set.of(Listing.LOOK_BYTES, AnswerBuffers.BYTES), bytes);
        assertEquals(1, world.read(0)); // hosts are there from now on
        bytes.clear();
        while (world.placing.isMoving()) {
            readAll(world, expected, "moving");
        }
        assertEquals(Set.of(Listing.LOOK_BYTES, Pace.LISTED_BYTES_BESIDE_HOSTS), bytes);
    }

    /** Of others stores would read headers for nothing. */
    @Test
    void onlyPagesOfWhichAChunkMovesAreListed() {
        OwnerScenario world = new OwnerScenario(2, 12_000);
        StripeLayout layout = new StripeLayout(OwnerScenario.VUID, world.scheme, 8);
        Map<Long, Long> expected = new TreeMap<>();
        fill(world, expected);
        world.placement =
                list ->
                        (page, slots) -> {
                            for (int j = 0; j < slots.length; j++) {
                                slots[j] = j == 1 && page % 5 == 0 && list.contains(4) ? 4 : j;
                            }
                        };
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        SortedSet<Long> pages = new TreeSet<>();
        int[] whole = new int[1];
        world.clients
                .get(0)
                .hang(request -> {
                    boolean moves = world.owner.progress().startsWith("serving, moves");
                    if (request.op == FragmentOp.LIST && moves) {
                        whole[0] += request.groups == 0 ? 1 : 0;
                        for (long rest = request.groups; rest != 0; rest &= rest - 1) {
                            long group = Long.numberOfTrailingZeros(rest);
                            pages.add(layout.pageOf(request.address) + group);
                        }
                    }
                    return false;
                });
        world.moving(5);
        world.runUntil(() -> !world.placing.isMoving());
        assertFalse(pages.isEmpty());
        assertTrue(pages.stream().allMatch(page -> page % 5 == 0), () -> pages.toString());
        assertEquals(world.steps.size(), whole[0], "one look for what there is in each window");
        world.runFor(SECOND_NS);
        loseTwo(world, 0, 2);
        readAll(world, expected, "without two");
    }

    @Test
    void pagesThatHoldNothingDoNotTakeAStepForEachWindow() {
        OwnerScenario world = new OwnerScenario(2, 200_000L * 64);
        List<Long> blocks = List.of(3L, 64L * 120_000 + 5, 64L * 200_000 - 1);
        blocks.forEach(block -> assertEquals(IoStatus.OK, world.write(block, 1, block + 1)));
        world.moving(5, 1);
        world.runUntil(() -> !world.placing.isMoving());
        assertTrue(world.steps.size() <= 10, () -> world.steps.toString());
        blocks.forEach(block -> assertEquals(block + 1, world.read(block)));
        loseTwo(world, 0, 2);
        blocks.forEach(block -> assertEquals(block + 1, world.read(block)));
    }

    @Test
    void whatHostsWriteToPagesThatHeldNothingIsThereAfterwards() {
        long pages = 20_000;
        for (int seed = 0; seed < 5; seed++) {
            OwnerScenario world = new OwnerScenario(2, pages * 64);
            world.decisionNs = 3 * MS_NS;
            Map<Long, Long> expected = new TreeMap<>();
            List<Integer> left = new ArrayList<>();
            long value = 1;
            for (int slots = 5; slots < 9; slots++) {
                left.add(slots - 5);
                world.moving(slots, left.toArray(Integer[]::new));
                do {
                    // So many that the end is reached though they are written faster than copied.
                    long block = (value % 3_000 * 7_919 + seed) * 104_729 % (pages * 64);
                    assertEquals(IoStatus.OK, world.write(block, 1, value));
                    expected.put(block, value++);
                } while (world.placing.isMoving());
            }
            world.runFor(SECOND_NS);
            loseTwo(world, 5, 7);
            readAll(world, expected, "seed " + seed);
        }
    }
}
