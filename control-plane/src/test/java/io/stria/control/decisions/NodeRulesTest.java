package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NodeRulesTest {
    @Test
    void expectedNodesStandInTheMapBeforeTheyHaveStarted() {
        Bench bench = new Bench(5, 2);
        assertEquals(5, bench.map().nodes().size());
        assertEquals(NodeState.OFFLINE, bench.node(3).state());
        assertEquals(0, bench.node(3).incarnation());
        assertTrue(bench.map().slots().isEmpty());
    }

    @Test
    void aSecondMakingOfTheSameClusterChangesNothing() {
        Bench bench = Bench.running(3, 1);
        long epoch = bench.map().epoch();
        Decision.InitCluster again =
                new Decision.InitCluster(
                        bench.map().clusterId(), 8, "secret-1", List.of(Bench.spec(1)));
        assertEquals(new Result(Outcome.ALREADY, epoch, ""), bench.apply(again));
    }

    @Test
    void nothingIsDecidedBeforeTheClusterIsMade() {
        Decider.Step step =
                Decider.apply(
                        ClusterState.empty(),
                        new Decision.RegisterNode(Bench.spec(1), 5, List.of()));
        assertEquals(Outcome.NOT_READY, step.result().outcome());
        assertEquals(ClusterState.empty(), step.state());
    }

    @Test
    void aNodeThatIsDownIsBehindInEveryVolumeAtOnce() {
        Bench bench = Bench.running(5, 2);
        bench.create("a", "2+2", Tolerance.NODE);
        bench.create("b", "1+2", Tolerance.NODE);
        bench.down(4);
        Set<Integer> slots = new TreeSet<>(bench.slotsOf(4));
        assertEquals(slots, bench.volume("a").behind().keySet());
        assertEquals(slots, bench.volume("b").behind().keySet());
        assertTrue(
                bench.volume("a").behind().values().stream()
                        .allMatch(mark -> mark == bench.map().epoch()));
        assertEquals(List.of(DeviceState.UNAVAILABLE), bench.states(4));
        assertEquals(NodeState.OFFLINE, bench.node(4).state());
    }

    @Test
    void volumesOfANodeThatIsDownGoToTheFirstLivePath() {
        Bench bench = Bench.running(5, 1);
        VolumeEntry volume = bench.create("a", "2+2", Tolerance.NODE);
        bench.down(volume.paths().get(1));
        bench.down(volume.paths().get(0));
        assertEquals(volume.paths().get(2), bench.volume("a").owner());
        assertEquals(2, bench.volume("a").epoch());
    }

    @Test
    void aVolumeWithoutALivePathWaitsForOne() {
        Bench bench = Bench.running(5, 1);
        VolumeEntry volume = bench.create("a", "1+2", Tolerance.NODE);
        List<Integer> paths = volume.paths();
        bench.down(paths.get(2));
        bench.down(paths.get(1));
        bench.down(paths.get(0));
        assertEquals(paths.get(0), bench.volume("a").owner());
        assertEquals(1, bench.volume("a").epoch());
        bench.start(paths.get(2));
        assertEquals(paths.get(2), bench.volume("a").owner());
        assertEquals(2, bench.volume("a").epoch());
        bench.start(paths.get(0));
        assertEquals(paths.get(2), bench.volume("a").owner(), "a live owner keeps its volume");
        assertEquals(2, bench.volume("a").epoch());
    }

    @Test
    void everyStartOfAnOwnerRaisesTheVolumesEpoch() {
        Bench bench = Bench.running(5, 1);
        VolumeEntry volume = bench.create("a", "2+2", Tolerance.NODE);
        bench.start(volume.owner());
        assertEquals(volume.owner(), bench.volume("a").owner());
        assertEquals(volume.epoch() + 1, bench.volume("a").epoch());
    }

    @Test
    void aRestartThatNobodyNoticedLeavesNothingBehind() {
        Bench bench = Bench.running(5, 2);
        bench.create("a", "2+2", Tolerance.NODE);
        bench.start(3);
        assertTrue(bench.volume("a").behind().isEmpty());
        assertEquals(List.of(DeviceState.ONLINE), bench.states(3));
    }

    @Test
    void allNodesRestartAndNobodyIsBehindAndNoOwnerChanges() {
        Bench bench = Bench.running(5, 2);
        List<VolumeEntry> before = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            before.add(bench.create("v" + i, "2+2", Tolerance.NODE));
        }
        for (int node : List.of(4, 2, 5, 1, 3)) {
            bench.start(node);
        }
        for (VolumeEntry volume : before) {
            VolumeEntry now = bench.volume(volume.name());
            assertTrue(now.behind().isEmpty());
            assertEquals(volume.owner(), now.owner());
            assertEquals(volume.epoch() + 1, now.epoch());
        }
    }

    @Test
    void aReturningNodeSyncsUntilNoVolumeListsItsSlots() {
        Bench bench = Bench.running(5, 1);
        bench.create("a", "2+2", Tolerance.NODE);
        bench.create("b", "2+2", Tolerance.NODE);
        bench.down(5);
        int slot = bench.slotsOf(5).getFirst();
        bench.start(5);
        assertEquals(List.of(DeviceState.SYNCING), bench.states(5));
        for (String name : List.of("a", "b")) {
            VolumeEntry volume = bench.volume(name);
            bench.done(
                    new Decision.MarkInSync(
                            volume.vuid(), volume.epoch(), slot, Bench.mark(volume, slot)));
            DeviceState expected = name.equals("a") ? DeviceState.SYNCING : DeviceState.ONLINE;
            assertEquals(List.of(expected), bench.states(5));
        }
    }

    @Test
    void aDeviceThatDidNotComeBackWithItsNodeIsAwayAndBehind() {
        Bench bench = Bench.running(5, 2);
        bench.create("a", "2+2", Tolerance.NODE);
        List<DeviceSpec> one = bench.devices(2).subList(0, 1);
        bench.done(new Decision.RegisterNode(Bench.spec(2), 999, one));
        int missing = bench.slotsOf(2).get(1);
        assertEquals(DeviceState.UNAVAILABLE, bench.map().slot(missing).state());
        assertEquals(Set.of(missing), bench.volume("a").behind().keySet());
    }

    @Test
    void lateAndDoubledRegistrationsDoNothing() {
        Bench bench = Bench.running(5, 1);
        long now = bench.node(1).incarnation();
        Decision again = new Decision.RegisterNode(Bench.spec(1), now, bench.devices(1));
        assertEquals(Outcome.ALREADY, bench.apply(again).outcome());
        Decision older = new Decision.RegisterNode(Bench.spec(1), now - 1, bench.devices(1));
        assertEquals(Outcome.STALE, bench.apply(older).outcome());
        bench.down(1);
        assertEquals(Outcome.STALE, bench.apply(again).outcome(), "down is down");
    }

    @Test
    void lateNewsOfAnEarlierProcessDoesNotTakeDownItsSuccessor() {
        Bench bench = Bench.running(5, 1);
        long before = bench.node(1).incarnation();
        bench.start(1);
        assertEquals(
                Outcome.STALE, bench.apply(new Decision.NodeDown(1, before, "late")).outcome());
        assertEquals(NodeState.ONLINE, bench.node(1).state());
    }

    @Test
    void newDevicesGetNoSlotWhileVolumesExist() {
        Bench bench = Bench.running(5, 1);
        bench.create("a", "2+2", Tolerance.NODE);
        List<DeviceSpec> more = new ArrayList<>(bench.devices(1));
        more.add(new DeviceSpec(new java.util.UUID(1, 99), 1L << 30));
        bench.done(new Decision.RegisterNode(Bench.spec(1), 999, more));
        assertEquals(5, bench.map().slots().size());
        assertEquals(1, bench.state.unplaced().size());
        assertFalse(bench.state.unplaced().getFirst().reason().isEmpty());
    }
}
