package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Chunks move from where one list of slots has them to where the next one has them. */
class MovementTest {
    private static final long SECOND_NS = OwnerScenario.SECOND_NS;

    private final OwnerScenario world = new OwnerScenario();

    private void writeAll() {
        for (long block = 0; block < 1000; block += 25) {
            assertEquals(IoStatus.OK, world.write(block, 10, block + 1));
        }
    }

    private void readAll() {
        for (long block = 0; block < 1000; block += 25) {
            for (int i = 0; i < 12; i++) {
                assertEquals(i < 10 ? block + 1 : 0, world.read(block + i), "block " + block);
            }
        }
    }

    private void arrives() {
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
    }

    @Test
    void aStoreIsEmptiedAndAnotherOneFilled() {
        writeAll();
        int held = world.stores.get(1).fragments();
        assertTrue(held > 0);
        world.moveTo(5, 1);
        arrives();
        assertEquals(0, world.stores.get(1).fragments());
        assertEquals(held, world.stores.get(4).fragments());
        assertEquals(held, world.stores.get(0).fragments());
        assertEquals(held * 3L, fragmentsMovedOrSkipped(), "chunks of slots 1, 2 and 3 moved up");
        readAll();
        world.stores.get(0).setUp(false);
        world.stores.get(2).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        readAll();
    }

    private long fragmentsMovedOrSkipped() {
        return world.owner.bytesMoved() / new StripeLayout(7, world.scheme, 8).fragmentBytes();
    }

    @Test
    void aLostStoreIsRebuiltFromTheOthers() {
        writeAll();
        world.stores.get(2).setUp(false);
        world.runUntil(() -> world.behind.containsKey(2));
        world.moveTo(5, 2);
        arrives();
        assertEquals(world.stores.get(0).fragments(), world.stores.get(4).fragments());
        world.stores.get(0).setUp(false);
        world.stores.get(1).setUp(false);
        world.behind.remove(2); // nothing is placed there any more
        world.runUntil(() -> world.behind.size() == 2);
        readAll();
    }

    @Test
    void whatHostsWriteMeanwhileIsThereAfterwards() {
        writeAll();
        Map<Long, Long> expected = new TreeMap<>();
        List<Integer> left = new ArrayList<>();
        long value = 10_000;
        for (int slots = 5; slots < 17; slots++) {
            left.add(slots - 5);
            world.moveTo(slots, left.toArray(Integer[]::new));
            while (world.placing.isMoving()) {
                long block = value * 7 % 1000;
                if (value % 5 == 0) {
                    assertEquals(
                            IoStatus.OK, world.end(world.begin(IoOp.UNMAP, block, 1, 0)).status);
                    expected.put(block, 0L);
                } else {
                    assertEquals(IoStatus.OK, world.write(block, 1, value));
                    expected.put(block, value);
                }
                value++;
            }
        }
        assertTrue(value > 10_030, "the movements were over at once: " + value);
        world.runFor(SECOND_NS);
        expected.forEach((block, last) -> assertEquals(last, world.read(block), "block " + block));
        world.stores.get(13).setUp(false);
        world.stores.get(15).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        expected.forEach((block, last) -> assertEquals(last, world.read(block), "block " + block));
    }

    /** The window is locked from before the step is proposed until the map shows it. */
    @Test
    void aWriteToTheWindowWaitsForTheDecisionAndGoesToTheNewPlaces() {
        writeAll();
        world.decides = false;
        world.moving(5, 1);
        world.runUntil(() -> !world.steps.isEmpty());
        OwnerScenario.Io write = world.begin(IoOp.WRITE, 3, 1, 77);
        OwnerScenario.Io read = world.begin(IoOp.READ, 4, 1, 0);
        world.runFor(SECOND_NS);
        assertFalse(write.hasEnded());
        assertFalse(read.hasEnded());
        assertTrue(world.steps.size() > 10, "the step is proposed again and again");
        world.decides = true;
        assertEquals(IoStatus.OK, world.end(write).status);
        assertEquals(IoStatus.OK, world.end(read).status);
        arrives();
        assertEquals(0, world.stores.get(1).fragments());
        assertEquals(77, world.read(3));
    }

    @Test
    void anOwnerThatEndsAtAnyMomentOfAMovementLosesNothing() {
        for (int step = 0; step < 60; step++) {
            OwnerScenario each = new OwnerScenario();
            for (long block = 0; block < 400; block += 20) {
                assertEquals(IoStatus.OK, each.write(block, 5, block + 1));
            }
            each.moveTo(5, step % 4);
            each.runFor(step * 700_000L);
            each.write(41, 1, 4242);
            each.startOwner();
            each.runUntil(() -> each.owner.isServing());
            for (long block = 0; block < 400; block += 20) {
                assertEquals(block + 1, each.read(block), "step " + step);
            }
            assertEquals(4242, each.read(41), "step " + step);
            each.runUntil(() -> !each.placing.isMoving());
            for (long block = 0; block < 400; block += 20) {
                assertEquals(block + 1, each.read(block), "arrived, step " + step);
            }
            assertEquals(4242, each.read(41), "arrived, step " + step);
        }
    }

    @Test
    void aSlotThatIsAwayForLongDoesNotHoldARebuildUpAndIsComparedFromTheBeginning() {
        writeAll();
        world.stores.get(1).setUp(false);
        world.stores.get(3).setUp(false);
        world.runUntil(() -> world.behind.containsKey(3) && world.behind.containsKey(1));
        world.lost.add(1);
        world.moveTo(5, 1);
        world.runFor(Movement.SKIP_AFTER_NS - 5 * SECOND_NS);
        assertEquals(List.of(), world.steps, "it may come back soon");
        assertTrue(world.owner.progress().endsWith("waits for slot 3 to be in sync"));
        world.runFor(10 * SECOND_NS);
        world.runUntil(() -> !world.placing.isMoving());
        assertEquals(Set.of(3), world.placing.missed());
        world.behind.remove(1); // nothing is placed there any more
        int before = world.stores.get(3).fragments();
        world.stores.get(3).setUp(true);
        world.runUntil(() -> world.behind.isEmpty());
        assertEquals(Set.of(), world.placing.missed());
        assertTrue(world.stores.get(3).fragments() >= before);
        world.stores.get(0).setUp(false);
        world.stores.get(4).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        readAll();
    }

    /** All of it has its full redundancy where it is, but for what that slot misses anyway. */
    @Test
    void aDrainWaitsForASlotThatIsAwayHoweverLong() {
        writeAll();
        world.stores.get(3).setUp(false);
        world.runUntil(() -> world.behind.containsKey(3));
        world.moveTo(5, 1);
        world.runFor(2 * Movement.SKIP_AFTER_NS);
        assertEquals(List.of(), world.steps);
        world.stores.get(3).setUp(true);
        world.runUntil(() -> !world.placing.isMoving());
        assertEquals(Set.of(), world.placing.missed());
        assertEquals(Set.of(), world.behind.keySet());
        readAll();
    }

    /** The rebuild is the next movement, and waits for this one. */
    @Test
    void aDrainDoesNotWaitForLongWhenADeviceIsLostMeanwhile() {
        writeAll();
        world.stores.get(3).setUp(false);
        world.runUntil(() -> world.behind.containsKey(3));
        world.moveTo(5, 1);
        world.stores.get(2).setUp(false);
        world.runUntil(() -> world.behind.containsKey(2));
        world.runFor(2 * Movement.SKIP_AFTER_NS);
        assertEquals(List.of(), world.steps);
        world.lost.add(2);
        world.mapChanges();
        world.runUntil(() -> !world.placing.isMoving());
        readAll();
    }

    /** Four fragments of which two are needed: two are lost, a third rots, and one is good. */
    @Test
    void whatIsGoodOfABlockThatCannotBeReadStaysGoodWhereItMoves() {
        OwnerScenario each = new OwnerScenario();
        assertEquals(IoStatus.OK, each.write(0, 1, 88));
        each.runFor(SECOND_NS);
        for (int slot : new int[] {1, 2, 3}) {
            assertTrue(each.stores.get(slot).rot(OwnerScenario.VUID));
        }
        each.moveTo(5, 0); // every chunk moves up by one slot
        each.runUntil(() -> !each.placing.isMoving());
        each.runFor(SECOND_NS);
        assertEquals(IoStatus.MEDIA_ERROR, each.end(each.begin(IoOp.READ, 0, 1, 0)).status);
        assertEquals(1, each.stores.get(1).good(OwnerScenario.VUID), "the one that was good");
        assertEquals(0, each.stores.get(2).good(OwnerScenario.VUID));
    }

    @Test
    void aSlotThatIsAwayForAMomentIsWaitedFor() {
        writeAll();
        world.stores.get(3).setUp(false);
        world.runUntil(() -> world.behind.containsKey(3));
        world.moveTo(5, 1);
        world.runFor(3 * SECOND_NS);
        world.stores.get(3).setUp(true);
        world.runUntil(() -> !world.placing.isMoving());
        assertEquals(Set.of(), world.placing.missed());
        assertEquals(Set.of(), world.behind.keySet());
        readAll();
    }

    @Test
    void whatAnEndedAttemptLeftIsOverwritten() {
        writeAll();
        world.decides = false;
        world.moving(5, 1);
        world.runUntil(() -> !world.steps.isEmpty());
        assertTrue(world.stores.get(4).fragments() > 0);
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        // Written and unmapped at the old places, where the map has the pages.
        for (long block = 0; block < 1000; block += 25) {
            assertEquals(IoStatus.OK, world.write(block, 5, 9000 + block));
            assertEquals(IoStatus.OK, world.end(world.begin(IoOp.UNMAP, block + 5, 5, 0)).status);
        }
        world.decides = true;
        arrives();
        world.stores.get(0).setUp(false);
        world.stores.get(2).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        for (long block = 0; block < 1000; block += 25) {
            for (int i = 0; i < 10; i++) {
                assertEquals(i < 5 ? 9000 + block : 0, world.read(block + i));
            }
        }
    }

    /** It was not listed with the others, and says of a block what was there long ago. */
    @Test
    void aSlotThatIsInSyncAgainBeforeTheStepIsDecidedShowsNothingThatIsUnmapped() {
        OwnerScenario single = new OwnerScenario(1);
        assertEquals(IoStatus.OK, single.write(3, 20, 333));
        single.stores.get(2).setUp(false);
        single.runUntil(() -> single.behind.containsKey(2));
        single.moveTo(4, 2);
        single.runUntil(() -> !single.placing.isMoving());
        single.behind.remove(2); // nothing is placed there any more
        assertEquals(IoStatus.OK, single.end(single.begin(IoOp.UNMAP, 3, 20, 0)).status);
        single.runFor(SECOND_NS);
        assertTrue(single.stores.get(2).fragments() > 0, "nobody could free it");
        single.lost.add(3);
        single.moveTo(4, 3);
        single.runUntil(() -> single.behind.containsKey(2));
        single.decides = false;
        single.runFor(Movement.SKIP_AFTER_NS);
        single.runUntil(() -> !single.steps.isEmpty());
        single.stores.get(2).setUp(true);
        single.runUntil(() -> single.behind.isEmpty());
        single.decides = true;
        single.runUntil(() -> !single.placing.isMoving());
        assertEquals(Set.of(), single.placing.missed());
        for (int block = 0; block < 30; block++) {
            assertEquals(0, single.read(block), "block " + block);
        }
    }

    /** The map does not use that slot any more, so nobody marks it. */
    @Test
    void aStoreThatHangsWhenItIsToFreeItsChunksHoldsNothingUpAndFreesNothingLater() {
        writeAll();
        MemoryStore.Client leaving = world.clients.get(3);
        leaving.hang(request -> request.op == FragmentOp.FREE);
        world.moveTo(5, 3);
        arrives();
        assertTrue(world.stores.get(3).fragments() > 0);
        world.moving(6, 3, 4);
        arrives();
        world.moving(6, 4, 5); // back again, to a device that works now
        world.world.after(SECOND_NS, leaving::release);
        arrives();
        world.runUntil(() -> world.behind.isEmpty());
        readAll();
        world.stores.get(0).setUp(false);
        world.stores.get(1).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        readAll();
    }

    /** It may have some when the next movement has taken more of it, which waits for this one. */
    @Test
    void aStoreWithoutRoomToFreeItsChunksHoldsTheNextMovementUpForAWhileOnly() {
        writeAll();
        world.stores.get(3).setCannotFree(true);
        world.moveTo(5, 3);
        world.runUntil(() -> !world.placing.isMoving());
        world.moving(6, 3, 4);
        world.runFor(5 * SECOND_NS);
        assertTrue(world.placing.isMoving());
        assertEquals(0, world.placing.cursor());
        arrives();
        assertTrue(world.stores.get(3).fragments() > 0);
        readAll();
    }

    @Test
    void besideHostsPiecesAreFewAndSmall() {
        for (long block = 0; block + 32 <= world.blocks; block += 32) {
            assertEquals(IoStatus.OK, world.write(block, 32, block + 1));
        }
        int[] most = new int[2];
        world.moving(5, 1);
        world.clients
                .get(4)
                .hang(request -> {
                    most[1] = Math.max(most[1], request.count * request.fragmentBytes);
                    return false;
                });
        while (world.placing.isMoving()) {
            OwnerScenario.Io io = world.begin(IoOp.READ, 40, 1, 0);
            world.runUntil(() -> {
                most[0] = Math.max(most[0], world.stores.get(4).replacing());
                return io.hasEnded();
            });
            assertEquals(33, io.value(0));
        }
        assertEquals(Pace.COPIES_BESIDE_HOSTS, most[0]);
        assertEquals(Pace.BYTES_BESIDE_HOSTS, most[1]);
        world.runFor(SECOND_NS);
        world.moving(6, 1, 2);
        world.runUntil(() -> {
            most[0] = Math.max(most[0], world.stores.get(5).replacing());
            return !world.placing.isMoving();
        });
        assertTrue(most[0] > Pace.COPIES_BESIDE_HOSTS, "alone: " + most[0]);
    }

    /** As many others copy on this reactor that each has a share of one piece. */
    @Test
    void aMovementCopiesNoMorePiecesAtATimeThanItsShareAndGivesItBack() {
        writeAll();
        for (int other = 0; other < 40; other++) {
            world.copyBudget.join();
        }
        world.moving(5, 1);
        int[] most = new int[1];
        world.runUntil(() -> {
            most[0] = Math.max(most[0], world.stores.get(4).replacing());
            return !world.placing.isMoving();
        });
        world.runFor(SECOND_NS);
        readAll();
        assertEquals(1, most[0]);
        for (int other = 0; other < 40; other++) {
            world.copyBudget.leave();
        }
        assertEquals(Pace.COPIES_MAX, world.copyBudget.share());
        world.steps.clear();
        world.decides = false;
        world.moving(6, 1, 2);
        world.runUntil(() -> !world.steps.isEmpty());
        world.copyBudget.join();
        assertEquals(Pace.COPIES_MAX / 2, world.copyBudget.share());
        world.owner.stop();
        assertEquals(Pace.COPIES_MAX, world.copyBudget.share());
    }

    /** No page is there yet: what the device says of itself, or does not, is of no account. */
    @Test
    void aSlotThatPagesOnlyMoveToIsNotComparedBeforeAnOwnerServes() {
        writeAll();
        world.moving(5, 1);
        world.startOwner();
        List<MemoryStore.Client> clients = world.clients;
        boolean[] compares = new boolean[1];
        clients.forEach(client ->
                client.hang(request -> {
                    boolean all = request.op == FragmentOp.LIST && request.version == Version.NONE;
                    compares[0] |= all;
                    return all && !world.owner.isServing();
                }));
        world.runUntil(() -> world.owner.isServing());
        assertFalse(compares[0]);
        assertEquals(List.of(), world.marks);
        clients.forEach(MemoryStore.Client::release);
        arrives();
        readAll();
    }

    /** What it held when it was part of the volume is neither believed nor in the way. */
    @Test
    void aSlotThatComesBackWithOldDataOfTheVolumeIsNotComparedAndHoldsTheNewestInTheEnd() {
        writeAll();
        world.moveTo(5, 1);
        MemoryStore.Image old = world.stores.get(2).image();
        world.runUntil(() -> !world.placing.isMoving());
        world.moving(6, 1, 2);
        world.runUntil(() -> !world.placing.isMoving());
        world.runFor(SECOND_NS);
        for (long block = 0; block < 1000; block += 25) {
            assertEquals(IoStatus.OK, world.write(block, 5, 9000 + block));
            assertEquals(IoStatus.OK, world.end(world.begin(IoOp.UNMAP, block + 5, 5, 0)).status);
        }
        world.runFor(SECOND_NS);
        world.stores.get(2).loseWritesSince(old);
        assertTrue(world.stores.get(2).fragments() > 0);
        world.moving(6, 1);
        world.startOwner();
        world.runUntil(() -> world.owner.isServing());
        arrives();
        world.stores.get(0).setUp(false);
        world.stores.get(3).setUp(false);
        world.runUntil(() -> world.behind.size() == 2);
        for (long block = 0; block < 1000; block += 25) {
            for (int i = 0; i < 10; i++) {
                assertEquals(i < 5 ? 9000 + block : 0, world.read(block + i));
            }
        }
    }

    @Test
    void aFullStoreHoldsTheMovementUpUntilThereIsRoom() {
        writeAll();
        world.moving(5, 1);
        world.stores.get(4).fill(OwnerScenario.PAGE_SHIFT);
        world.runFor(5 * SECOND_NS);
        assertTrue(world.placing.isMoving());
        assertEquals(0, world.placing.cursor());
        readAll();
        world.stores.get(4).makeRoom();
        arrives();
        readAll();
    }

    /** What it alone holds of blocks that were discarded meanwhile would come back. */
    @Test
    void aStoreThatDropsBetweenTwoAnswersOfAListingIsAskedAgain() {
        OwnerScenario single = new OwnerScenario(1, 12_000);
        // The first chunk of late pages is on slot 3 as long as the list has it; nothing else
        // moves.
        single.placement =
                list ->
                        (page, slots) -> {
                            slots[0] = page >= 320 && list.contains(3) ? 3 : 0;
                            slots[1] = 1;
                            slots[2] = 2;
                        };
        single.startOwner();
        single.runUntil(() -> single.owner.isServing());
        single.moveTo(4);
        single.runUntil(() -> !single.placing.isMoving());
        // Windows of 16, 128 and 231 pages of 32 blocks; an answer has room for 5,461 fragments.
        for (long block = 144 * 32; block < 10_000; block += 32) {
            assertEquals(IoStatus.OK, single.write(block, 32, block));
        }
        assertEquals(IoStatus.OK, single.write(10_700, 20, 333));
        single.stores.get(3).setUp(false);
        single.runUntil(() -> single.behind.containsKey(3));
        single.lost.add(3);
        single.moveTo(4, 3);
        single.runUntil(() -> !single.placing.isMoving());
        single.behind.remove(3); // nothing is placed there any more
        IoStatus unmapped = single.end(single.begin(IoOp.UNMAP, 10_700, 20, 0)).status;
        assertEquals(IoStatus.OK, unmapped);
        single.runFor(SECOND_NS);
        assertEquals(20, single.stores.get(3).fragments(), "nobody could free them");
        single.lost.remove(3);
        single.stores.get(3).setUp(true);
        boolean[] dropped = new boolean[1];
        long page = DeviceAddress.of(OwnerScenario.VUID, 80L << OwnerScenario.PAGE_SHIFT);
        MemoryStore.Client last = single.clients.get(2);
        last.hang(request -> {
            boolean drops = !dropped[0] && request.op == FragmentOp.LIST && request.address >= page;
            if (drops) {
                dropped[0] = true;
                single.world.after(1_500_000, single.clients.get(3)::breakConnection);
                single.world.after(2_000_000, last::release);
            }
            return drops;
        });
        single.moveTo(4);
        single.runUntil(() -> !single.placing.isMoving());
        assertTrue(dropped[0]);
        for (int block = 10_700; block < 10_720; block++) {
            assertEquals(0, single.read(block), "block " + block);
        }
    }
}
