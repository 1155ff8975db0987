package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyncRulesTest {
    private final Bench bench = Bench.running(5, 1);
    private final VolumeEntry volume = bench.create("a", "2+2", Tolerance.NODE);

    @Test
    void aLateInSyncDoesNotUndoANewerBehind() {
        long first = markBehind(2);
        long second = markBehind(2);
        assertTrue(second > first, "marking again renews the mark");
        assertEquals(Outcome.STALE, inSync(2, first).outcome());
        assertEquals(Set.of(2), bench.volume("a").behind().keySet());
        assertEquals(Outcome.DONE, inSync(2, second).outcome());
        assertEquals(Outcome.ALREADY, inSync(2, second).outcome());
    }

    @Test
    void aNodeThatWentDownDuringCatchUpMustBeCaughtUpAgain() {
        bench.down(3);
        bench.start(3);
        long mark = Bench.mark(bench.volume("a"), 2);
        bench.down(3);
        assertEquals(Outcome.STALE, inSync(2, mark).outcome());
        bench.start(3);
        assertEquals(Outcome.STALE, inSync(2, mark).outcome());
        assertEquals(Outcome.DONE, inSync(2, Bench.mark(bench.volume("a"), 2)).outcome());
    }

    @Test
    void anAbsentDeviceIsNeverInSync() {
        bench.down(3);
        assertEquals(Outcome.STALE, inSync(2, Bench.mark(bench.volume("a"), 2)).outcome());
    }

    @Test
    void onlyThePresentOwnerMarks() {
        bench.done(new Decision.RestartOwner(volume.vuid(), volume.epoch(), "sequence"));
        Decision old = new Decision.MarkBehind(volume.vuid(), volume.epoch(), 2, "no answer");
        assertEquals(Outcome.STALE, bench.apply(old).outcome());
        assertEquals(volume.epoch() + 1, bench.volume("a").epoch());
        assertEquals(volume.owner(), bench.volume("a").owner());
    }

    @Test
    void aMarkMakesADeviceSyncUntilItIsTakenAway() {
        long mark = markBehind(2);
        assertEquals(DeviceState.SYNCING, bench.map().slot(2).state());
        inSync(2, mark);
        assertEquals(DeviceState.ONLINE, bench.map().slot(2).state());
    }

    @Test
    void aFailedDeviceIsAwayAndBehindUntilItsNodeBringsItAgain() {
        List<Integer> slots = bench.slotsOf(4);
        bench.done(
                new Decision.DeviceDown(
                        4, bench.node(4).incarnation(), bench.devices(4).getFirst().id(), "EIO"));
        assertEquals(DeviceState.UNAVAILABLE, bench.map().slot(slots.getFirst()).state());
        assertEquals(Set.copyOf(slots), bench.volume("a").behind().keySet());
        bench.start(4);
        assertEquals(DeviceState.SYNCING, bench.map().slot(slots.getFirst()).state());
    }

    private long markBehind(int slot) {
        return bench.done(
                        new Decision.MarkBehind(
                                volume.vuid(), bench.volume("a").epoch(), slot, "no answer"))
                .epoch();
    }

    private Result inSync(int slot, long mark) {
        return bench.apply(
                new Decision.MarkInSync(volume.vuid(), bench.volume("a").epoch(), slot, mark));
    }
}
