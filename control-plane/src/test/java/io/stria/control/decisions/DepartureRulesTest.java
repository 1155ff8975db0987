package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DepartureRulesTest {
    /** A leader that dies between decision and answer has its proposals carried twice. */
    @Test
    void aStateIsNamedAsItIsShown() {
        Bench five = Bench.running(5, 1);
        five.down(3);
        Decision drain = new Decision.DrainDevices(List.of(new UUID(3, 0)));
        assertEquals(
                "the device of slot 2 is unavailable: it has nothing to give",
                five.apply(drain).detail());
        Decision keep = new Decision.KeepDevices(List.of(new UUID(3, 0)));
        assertEquals("the device of slot 2 is unavailable", five.apply(keep).detail());
    }

    @Test
    void whatIsAskedForTwiceIsDoneOnce() {
        Bench six = Bench.running(6, 1);
        six.create("v", "2+2", Tolerance.NODE);
        Decision drain = new Decision.DrainDevices(List.of(new UUID(6, 0)));
        Decision fail = new Decision.FailDevices(List.of(new UUID(6, 0)), "test");
        six.done(drain);
        six.moveAll("v");
        assertEquals(List.of(DeviceState.REMOVED), six.states(6));
        assertEquals(Outcome.ALREADY, six.apply(drain).outcome());
        assertEquals(Outcome.ALREADY, six.apply(fail).outcome());
        DeviceSpec other = new DeviceSpec(new UUID(60, 1), 64L << 30);
        six.done(new Decision.RegisterNode(Bench.spec(6), 9_000, List.of(other)));
        Decision replace = new Decision.ReplaceDevice(new UUID(6, 0), other.id());
        six.done(replace);
        assertEquals(Outcome.ALREADY, six.apply(replace).outcome());
        Decision strange = new Decision.ReplaceDevice(new UUID(7, 7), new UUID(8, 8));
        assertEquals(Outcome.NOT_FOUND, six.apply(strange).outcome());
        Decision nobody = new Decision.DrainDevices(List.of(new UUID(7, 7)));
        assertEquals(Outcome.NOT_FOUND, six.apply(nobody).outcome());
    }

    private static final long DEVICE_BYTES = 64L << 30;

    private final Bench bench = Bench.running(6, 1);
    private final VolumeEntry volume = bench.create("v", "2+2", Tolerance.NODE);

    private static UUID device(int node) {
        return new UUID(node, 0);
    }

    private Placing placing() {
        return bench.volume("v").placing();
    }

    private void arrive() {
        VolumeEntry now = bench.volume("v");
        bench.done(step(now.placing().cursor(), now.pages(bench.map().pageShift())));
    }

    private Decision.MovePages step(long from, long to, Integer... without) {
        VolumeEntry now = bench.volume("v");
        return new Decision.MovePages(
                now.vuid(),
                now.epoch(),
                now.placing().since(),
                from,
                to,
                new TreeSet<>(List.of(without)));
    }

    private void comesWith(int node, UUID id, long bytes) {
        List<DeviceSpec> devices = new ArrayList<>();
        devices.add(new DeviceSpec(id, bytes));
        bench.done(
                new Decision.RegisterNode(
                        Bench.spec(node), bench.node(node).incarnation() + 1, devices));
    }

    @Test
    void aDrainedDeviceServesUntilItsPagesHaveMovedAndIsRemovedThen() {
        assertFalse(placing().isMoving());
        bench.done(new Decision.DrainDevices(List.of(device(2))));
        assertEquals(DeviceState.DRAINING, bench.map().slot(1).state());
        assertTrue(placing().isMoving());
        assertEquals(Set.of(1), placing().to().removed());
        assertEquals(Set.of(), bench.volume("v").behind().keySet());
        long pages = volume.pages(bench.map().pageShift());
        bench.done(step(0, pages / 2));
        assertEquals(pages / 2, placing().cursor());
        assertEquals(DeviceState.DRAINING, bench.map().slot(1).state());
        arrive();
        assertFalse(placing().isMoving());
        assertEquals(DeviceState.REMOVED, bench.map().slot(1).state());
    }

    @Test
    void aFailedDeviceIsBehindUntilItIsRemoved() {
        bench.done(new Decision.FailDevices(List.of(device(3)), "burnt"));
        assertEquals(DeviceState.FAILED, bench.map().slot(2).state());
        assertEquals(Set.of(2), bench.volume("v").behind().keySet());
        arrive();
        assertEquals(DeviceState.REMOVED, bench.map().slot(2).state());
        assertEquals(Set.of(), bench.volume("v").behind().keySet());
        bench.start(3);
        assertEquals(DeviceState.REMOVED, bench.map().slot(2).state());
        assertEquals(1, bench.state.unplaced().size(), "it may be added anew");
    }

    /** Otherwise nobody could add it before its node starts once more. */
    @Test
    void aDeviceThatIsBackWhileItIsRebuiltWaitsToBeUsedAgain() {
        bench.done(new Decision.FailDevices(List.of(device(3)), "burnt"));
        bench.down(5);
        bench.down(3);
        bench.start(3);
        assertEquals(1, bench.state.unplaced().size());
        String reason =
                "the device of slot 2 was given up: it can be used again when what it held has"
                        + " been rebuilt on others";
        assertEquals(reason, bench.state.unplaced().getFirst().reason());
        Decision add =
                new Decision.AddDevice(3, bench.node(3).incarnation(), bench.devices(3).getFirst());
        assertEquals(Outcome.NOT_READY, bench.apply(add).outcome());
        assertEquals(reason, bench.apply(add).detail());
        Decision replace = new Decision.ReplaceDevice(device(5), device(3));
        assertEquals(Outcome.NOT_READY, bench.apply(replace).outcome());
        bench.start(5);
        comesBack(bench, 4);
        arrive();
        assertEquals(DeviceState.REMOVED, bench.map().slot(2).state());
        bench.done(add);
        assertEquals(List.of(2, 6), bench.slotsOf(3));
        assertEquals(List.of(), bench.state.unplaced());
    }

    @Test
    void aDeviceThatHasASlotElsewhereReplacesNone() {
        bench.down(5);
        bench.down(3);
        comesWith(5, device(3), DEVICE_BYTES);
        Result refused = bench.apply(new Decision.ReplaceDevice(device(5), device(3)));
        assertEquals("the device has slot 2 on node 3", refused.detail());
        assertEquals(Outcome.CONFLICT, refused.outcome());
    }

    @Test
    void aReplacementIsDoneOnceAlsoIfTheLostOneHadAnotherSlotBefore() {
        bench.done(new Decision.FailDevices(List.of(device(3)), "burnt"));
        arrive();
        bench.start(3);
        bench.done(
                new Decision.AddDevice(
                        3, bench.node(3).incarnation(), bench.devices(3).getFirst()));
        arrive();
        assertEquals(List.of(2, 6), bench.slotsOf(3));
        bench.down(3);
        comesWith(3, new UUID(3, 8), DEVICE_BYTES);
        Decision replace = new Decision.ReplaceDevice(device(3), new UUID(3, 8));
        bench.done(replace);
        assertEquals(new UUID(3, 8), bench.map().slot(6).deviceId());
        assertEquals(Outcome.ALREADY, bench.apply(replace).outcome());
    }

    @Test
    void aDeviceThatTakesItsOwnSlotAgainDoesSoOnce() {
        bench.done(new Decision.FailDevices(List.of(device(3)), "burnt"));
        arrive();
        bench.start(3);
        Decision replace = new Decision.ReplaceDevice(device(3), device(3));
        bench.done(replace);
        assertEquals(Outcome.ALREADY, bench.apply(replace).outcome());
    }

    @Test
    void aDeviceIsNotGivenUpWhileTooManyOthersAreBehind() {
        bench.down(1);
        bench.down(2);
        Result refused = bench.apply(new Decision.FailDevices(List.of(device(3)), "burnt"));
        assertEquals(Outcome.CONFLICT, refused.outcome());
        assertEquals(
                "volume v has slots [0, 1] behind already: without the device of slot 2 too,"
                        + " acknowledged data could be lost",
                refused.detail());
        assertEquals(DeviceState.ONLINE, bench.map().slot(2).state());
    }

    @Test
    void devicesThatAVolumeNeedsAreNotDrained() {
        Result refused =
                bench.apply(new Decision.DrainDevices(List.of(device(1), device(2), device(3))));
        assertEquals(Outcome.INFEASIBLE, refused.outcome());
        assertTrue(
                refused.detail().startsWith("volume v needs these devices: 2+2 "),
                refused.detail());
        assertFalse(placing().isMoving());
    }

    @Test
    void aSecondChangeWaitsForTheFirstMovementToEnd() {
        bench.done(new Decision.DrainDevices(List.of(device(2))));
        Placing first = placing();
        bench.done(new Decision.FailDevices(List.of(device(3)), "burnt"));
        assertEquals(first.marked(2, bench.map().epoch()), placing());
        arrive();
        assertTrue(placing().isMoving());
        assertEquals(first.to(), placing().from());
        assertEquals(Set.of(1, 2), placing().to().removed());
        assertEquals(DeviceState.REMOVED, bench.map().slot(1).state());
        assertEquals(DeviceState.FAILED, bench.map().slot(2).state());
    }

    @Test
    void aDeviceThatIsKeptGetsBackWhatHasLeftIt() {
        bench.done(new Decision.DrainDevices(List.of(device(2))));
        bench.done(new Decision.KeepDevices(List.of(device(2))));
        assertEquals(DeviceState.ONLINE, bench.map().slot(1).state());
        arrive();
        assertTrue(placing().isMoving(), "back again");
        assertTrue(placing().to().contains(1));
        arrive();
        assertFalse(placing().isMoving());
    }

    @Test
    void anAddedDeviceTakesItsShareOfPagesOfVolumesThatAreThere() {
        List<DeviceSpec> both = new ArrayList<>(bench.devices(4));
        both.add(new DeviceSpec(new UUID(4, 9), DEVICE_BYTES));
        long incarnation = bench.node(4).incarnation() + 1;
        bench.done(new Decision.RegisterNode(Bench.spec(4), incarnation, both));
        assertEquals(6, bench.map().slots().size());
        assertEquals(1, bench.state.unplaced().size());
        bench.done(new Decision.AddDevice(4, incarnation, both.get(1)));
        assertEquals(0, bench.state.unplaced().size());
        assertEquals(6, placing().from().slots());
        assertEquals(7, placing().to().slots());
    }

    /** With fewer nodes left, more chunks of a page come together on each of them. */
    @Test
    void pagesDoNotMoveToWhereTooManyOfTheirChunksWouldBeLeftOut() {
        Bench few = Bench.running(5, 2);
        few.create("v", "2+2", Tolerance.DEVICE);
        few.down(3);
        few.down(4);
        assertEquals(Set.of(4, 5, 6, 7), few.volume("v").behind().keySet(), "one chunk a node");
        few.done(
                new Decision.DrainDevices(
                        List.of(new UUID(1, 0), new UUID(1, 1), new UUID(2, 0), new UUID(2, 1))));
        assertEquals(DeviceState.DRAINING, few.map().slot(0).state());
        assertFalse(few.volume("v").placing().isMoving(), "all chunks of a page could be left out");
        few.start(3);
        comesBack(few, 4, 5);
        assertTrue(few.volume("v").placing().isMoving());
        assertEquals(Set.of(0, 1, 2, 3), few.volume("v").placing().to().removed());
    }

    private static void comesBack(Bench few, int... slots) {
        for (int slot : slots) {
            VolumeEntry now = few.volume("v");
            few.done(new Decision.MarkInSync(now.vuid(), now.epoch(), slot, Bench.mark(now, slot)));
        }
    }

    /** Two are away when it begins, and what it was to fill dies before any page has moved. */
    @Test
    void aMovementThatHasMovedNothingIsHeldAndGoesElsewhere() {
        DeviceSpec added = addedWhileTwoAreAway();
        VolumeEntry moving = bench.volume("v");
        assertEquals(Set.of(0, 1), moving.behind().keySet());
        assertTrue(moving.placing().isMoving());
        assertFalse(moving.placing().isHeld());
        Decision.MovePages late = step(0, 10, 0, 1);

        bench.done(new Decision.DeviceDown(4, bench.node(4).incarnation(), added.id(), "dead"));
        assertEquals(Set.of(0, 1, 6), bench.volume("v").behind().keySet());
        assertTrue(placing().isHeld());
        assertEquals(moving.epoch(), bench.volume("v").epoch(), "its owner serves on");
        assertEquals(Outcome.STALE, bench.apply(late).outcome());
        assertEquals(Outcome.NOT_READY, bench.apply(step(0, 10, 0, 1, 6)).outcome());

        bench.done(new Decision.FailDevices(List.of(device(1), device(2)), "burnt"));
        assertTrue(placing().isMoving());
        assertFalse(placing().isHeld());
        assertEquals(Set.of(0, 1), placing().to().removed());
        assertEquals(Set.of(0, 1, 6), bench.volume("v").behind().keySet());
        assertEquals(moving.epoch() + 1, bench.volume("v").epoch(), "its owner starts anew");
        assertEquals(Outcome.STALE, bench.apply(late).outcome());
        bench.done(step(0, volume.pages(bench.map().pageShift()), 6));
        assertEquals(Set.of(6), bench.volume("v").behind().keySet());
        assertEquals(DeviceState.REMOVED, bench.map().slot(0).state());
    }

    /** The two have been given up before the new one dies. */
    @Test
    void aMovementThatIsHeldByADeathGoesElsewhereAtOnce() {
        DeviceSpec added = addedWhileTwoAreAway();
        int epoch = bench.volume("v").epoch();
        bench.done(new Decision.FailDevices(List.of(device(1), device(2)), "burnt"));
        assertEquals(Set.of(), placing().to().removed());
        assertEquals(epoch, bench.volume("v").epoch());
        bench.done(new Decision.DeviceDown(4, bench.node(4).incarnation(), added.id(), "dead"));
        assertEquals(Set.of(0, 1), placing().to().removed());
        assertFalse(placing().isHeld());
        assertEquals(epoch + 1, bench.volume("v").epoch());
    }

    /** The new one answers nothing, and its node is well. */
    @Test
    void aMovementThatIsHeldByASilentSlotBeginsNothingAnewUntilThatIsInSync() {
        addedWhileTwoAreAway();
        int epoch = bench.volume("v").epoch();
        Decision.MovePages late = step(0, 10, 0, 1);
        mark(6);
        assertTrue(placing().isHeld());
        for (int node : List.of(3, 5, 6)) {
            bench.down(node);
            bench.start(node);
            assertTrue(placing().isHeld());
        }
        assertEquals(Set.of(0, 1, 6), bench.volume("v").behind().keySet());
        assertTrue(bench.volume("v").epoch() <= epoch + 2, "but for the ends of its owner");
        comesBack(bench, 6);
        assertTrue(placing().isMoving());
        assertFalse(placing().isHeld());
        assertEquals(Outcome.STALE, bench.apply(late).outcome());
        bench.done(step(0, 10, 0, 1));
        assertEquals(10, placing().cursor());
    }

    /** The new one is given up: the volume does without it. */
    @Test
    void aMovementThatIsHeldGivesUpWhatItWasToFill() {
        DeviceSpec added = addedWhileTwoAreAway();
        mark(6);
        int epoch = bench.volume("v").epoch();
        bench.done(new Decision.FailDevices(List.of(added.id()), "does not answer"));
        assertFalse(placing().uses(6));
        assertFalse(placing().isHeld());
        assertEquals(epoch + 1, bench.volume("v").epoch());
        assertEquals(Set.of(0, 1), bench.volume("v").behind().keySet());
        assertEquals(DeviceState.REMOVED, bench.map().slot(6).state());
    }

    /** The one that dies is of those that the pages are on. */
    @Test
    void aMovementThatHasMovedNothingHindersNoMark() {
        DeviceSpec added = addedWhileTwoAreAway();
        bench.start(2);
        comesBack(bench, 1);
        bench.done(new Decision.DeviceDown(4, bench.node(4).incarnation(), added.id(), "dead"));
        assertEquals(Set.of(0, 6), bench.volume("v").behind().keySet());
        assertFalse(placing().isHeld());
        mark(2);
        assertEquals(Set.of(0, 2, 6), bench.volume("v").behind().keySet());
        assertTrue(placing().isHeld());
    }

    /** Pages are there already: they count, and nobody but who comes back helps. */
    @Test
    void aMovementThatHasMovedPagesIsNotHeld() {
        DeviceSpec added = addedWhileTwoAreAway();
        bench.done(step(0, 1, 0, 1));
        bench.done(new Decision.DeviceDown(4, bench.node(4).incarnation(), added.id(), "dead"));
        assertTrue(placing().isMoving());
        assertFalse(placing().isHeld());
        assertEquals(1, placing().cursor());
        assertEquals(Set.of(0, 1), bench.volume("v").behind().keySet());
    }

    private DeviceSpec addedWhileTwoAreAway() {
        DeviceSpec added = new DeviceSpec(new UUID(4, 9), DEVICE_BYTES);
        List<DeviceSpec> both = new ArrayList<>(bench.devices(4));
        both.add(added);
        long incarnation = bench.node(4).incarnation() + 1;
        bench.done(new Decision.RegisterNode(Bench.spec(4), incarnation, both));
        bench.down(1);
        bench.down(2);
        bench.done(new Decision.AddDevice(4, incarnation, added));
        return added;
    }

    /** What failed for good is on the old list only, and what was added on the new one only. */
    @Test
    void aDeviceThatWasAddedMayBeBehindWhileTwoOthersAreRebuilt() {
        List<DeviceSpec> both = new ArrayList<>(bench.devices(4));
        both.add(new DeviceSpec(new UUID(4, 9), DEVICE_BYTES));
        long incarnation = bench.node(4).incarnation() + 1;
        bench.done(new Decision.RegisterNode(Bench.spec(4), incarnation, both));
        bench.done(new Decision.DrainDevices(List.of(device(6))));
        bench.done(new Decision.AddDevice(4, incarnation, both.get(1)));
        bench.done(new Decision.FailDevices(List.of(device(1), device(2)), "burnt"));
        arrive();
        assertEquals(Set.of(0, 1, 5), placing().to().removed());
        assertEquals(6, placing().from().slots());
        VolumeEntry now = bench.volume("v");
        assertEquals(Set.of(0, 1), now.behind().keySet());
        bench.done(new Decision.MarkBehind(now.vuid(), now.epoch(), 6, "test"));
        Result third =
                bench.apply(new Decision.MarkBehind(now.vuid(), now.epoch(), 2, "on both lists"));
        assertEquals(Outcome.CONFLICT, third.outcome());
    }

    @Test
    void aReplacementTakesTheSlotOfWhatIsLostAndIsFilled() {
        bench.down(5);
        comesWith(5, new UUID(5, 7), DEVICE_BYTES);
        assertEquals(DeviceState.UNAVAILABLE, bench.map().slot(4).state());
        long before = Bench.mark(bench.volume("v"), 4);
        int epoch = bench.volume("v").epoch();
        bench.done(new Decision.ReplaceDevice(device(5), new UUID(5, 7)));
        assertEquals(new UUID(5, 7), bench.map().slot(4).deviceId());
        assertEquals(DeviceState.SYNCING, bench.map().slot(4).state());
        assertTrue(Bench.mark(bench.volume("v"), 4) > before);
        assertEquals(epoch + 1, bench.volume("v").epoch(), "its owner attaches to the new device");
        assertFalse(placing().isMoving());
        assertEquals(Set.of(4), placing().missed(), "nobody knows that the device is blank");
    }

    @Test
    void aReplacementIsRefusedOnAnotherNodeOrIfItIsSmaller() {
        bench.down(5);
        comesWith(5, new UUID(5, 7), DEVICE_BYTES - 4096);
        Result small = bench.apply(new Decision.ReplaceDevice(device(5), new UUID(5, 7)));
        assertEquals(Outcome.CONFLICT, small.outcome());
        comesWith(6, new UUID(6, 7), DEVICE_BYTES);
        Result elsewhere = bench.apply(new Decision.ReplaceDevice(device(5), new UUID(6, 7)));
        assertEquals(
                "slot 4 is on node 5, and the device on node 6: where a slot is never changes",
                elsewhere.detail());
        Result unknown = bench.apply(new Decision.ReplaceDevice(device(5), new UUID(1, 1)));
        assertEquals(Outcome.NOT_FOUND, unknown.outcome());
        Result alive = bench.apply(new Decision.ReplaceDevice(device(1), new UUID(6, 7)));
        assertEquals(
                "the device of slot 0 is there: drain it, or stop its node first", alive.detail());
    }

    @Test
    void aRemovedSlotIsTakenAgain() {
        bench.done(new Decision.FailDevices(List.of(device(3)), "burnt"));
        arrive();
        comesWith(3, new UUID(3, 8), DEVICE_BYTES);
        int epoch = bench.volume("v").epoch();
        bench.done(new Decision.ReplaceDevice(device(3), new UUID(3, 8)));
        assertEquals(epoch + 1, bench.volume("v").epoch(), "its owner knows the old device there");
        assertEquals(DeviceState.ONLINE, bench.map().slot(2).state());
        assertTrue(placing().isMoving());
        assertTrue(placing().to().contains(2));
    }

    @Test
    void aCursorMovesOnlyFromWhereItIs() {
        bench.done(new Decision.DrainDevices(List.of(device(2))));
        Decision.MovePages first = step(0, 10);
        bench.done(first);
        Result again = bench.apply(first);
        assertEquals(Outcome.STALE, again.outcome());
        Result back = bench.apply(step(10, 10));
        assertEquals(Outcome.INVALID, back.outcome());
        Result late =
                bench.apply(
                        new Decision.MovePages(
                                volume.vuid(),
                                volume.epoch() - 1,
                                placing().since(),
                                10,
                                20,
                                new TreeSet<>()));
        assertEquals(Outcome.STALE, late.outcome());
        assertEquals(10, placing().cursor());
    }

    @Test
    void aSlotThatMissedChunksIsBehindUntilItHasBeenComparedSince() {
        bench.down(4);
        bench.done(new Decision.DrainDevices(List.of(device(2))));
        long compared = Bench.mark(bench.volume("v"), 3);
        Result missed = bench.apply(step(0, 10, 4));
        assertEquals(Outcome.STALE, missed.outcome(), "slot 4 is in sync");
        bench.done(step(0, 10, 3));
        assertEquals(Set.of(3), placing().missed());
        bench.start(4);
        Result early =
                bench.apply(
                        new Decision.MarkInSync(
                                volume.vuid(), bench.volume("v").epoch(), 3, compared));
        assertEquals(Outcome.STALE, early.outcome());
        bench.done(
                new Decision.MarkInSync(
                        volume.vuid(),
                        bench.volume("v").epoch(),
                        3,
                        Bench.mark(bench.volume("v"), 3)));
        assertEquals(Set.of(), placing().missed());
    }

    @Test
    void aLateStepOfAnEarlierMovementMovesNothing() {
        bench.done(new Decision.DrainDevices(List.of(device(2))));
        Decision.MovePages first = step(0, 10);
        bench.done(first);
        bench.done(new Decision.KeepDevices(List.of(device(2))));
        arrive();
        assertTrue(placing().isMoving(), "back again");
        assertEquals(Outcome.STALE, bench.apply(first).outcome());
        arrive();
        bench.done(new Decision.DrainDevices(List.of(device(2))));
        assertEquals(Outcome.STALE, bench.apply(first).outcome(), "the same lists as the first");
    }

    /** What the slot got for it may be gone, and no catch-up looks there. */
    @Test
    void aStepThatWasProposedBeforeASlotWasMarkedMovesNothing() {
        bench.done(new Decision.DrainDevices(List.of(device(2))));
        bench.done(step(0, 10));
        Decision.MovePages proposed = step(10, 20);
        mark(1);
        assertEquals(proposed.since(), placing().since(), "nothing moves to slot 1");
        mark(3);
        Decision.MovePages without = step(10, 20, 3);
        mark(3);
        assertEquals(without.since(), placing().since(), "it was behind already");
        bench.done(
                new Decision.MarkInSync(
                        volume.vuid(),
                        bench.volume("v").epoch(),
                        3,
                        Bench.mark(bench.volume("v"), 3)));
        assertEquals(Outcome.STALE, bench.apply(proposed).outcome());
        assertEquals(10, placing().cursor());
        bench.done(step(10, 20));
        assertEquals(20, placing().cursor());
    }

    private void mark(int slot) {
        bench.done(new Decision.MarkBehind(volume.vuid(), bench.volume("v").epoch(), slot, "away"));
    }
}
