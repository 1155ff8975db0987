package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BehindRuleTest {
    @Test
    void whenAllNodesGoDownOneAfterTheOtherOnlyTheFirstTwoAreBehind() {
        Bench bench = Bench.running(5, 1);
        bench.create("a", "2+2", Tolerance.NODE);
        List.of(3, 5, 1, 2, 4).forEach(bench::down);
        Set<Integer> expected = Set.of(bench.slotsOf(3).get(0), bench.slotsOf(5).get(0));
        assertEquals(expected, bench.volume("a").behind().keySet());
        List.of(4, 2, 1, 5, 3).forEach(bench::start);
        assertEquals(expected, bench.volume("a").behind().keySet());
        assertEquals(List.of(DeviceState.ONLINE), bench.states(1));
        assertEquals(List.of(DeviceState.SYNCING), bench.states(5));
    }

    @Test
    void aThirdNodeIsDownWithoutAMarkAndGetsItWhenThereIsRoom() {
        Bench bench = Bench.running(5, 1);
        bench.create("a", "2+2", Tolerance.NODE);
        bench.down(1);
        bench.down(2);
        bench.start(1);
        bench.down(3);
        assertEquals(NodeState.OFFLINE, bench.node(3).state());
        int first = bench.slotsOf(1).getFirst();
        int third = bench.slotsOf(3).getFirst();
        VolumeEntry volume = bench.volume("a");
        assertEquals(
                Outcome.CONFLICT,
                bench.apply(
                                new Decision.MarkBehind(
                                        volume.vuid(), volume.epoch(), third, "no answer"))
                        .outcome());
        bench.done(
                new Decision.MarkInSync(
                        volume.vuid(), volume.epoch(), first, Bench.mark(volume, first)));
        assertEquals(
                Set.of(bench.slotsOf(2).getFirst(), third), bench.volume("a").behind().keySet());
    }

    @Test
    void allDevicesOfTwoNodesMayBeBehindWherePagesHaveOneChunkANode() {
        Bench bench = Bench.running(5, 3);
        bench.create("a", "2+2", Tolerance.NODE);
        bench.down(1);
        bench.down(2);
        assertEquals(6, bench.volume("a").behind().size());
        bench.down(3);
        assertEquals(6, bench.volume("a").behind().size());
    }

    @Test
    void oneNodeUsesUpWhatPagesWithTwoChunksANodeCanLose() {
        Bench bench = Bench.running(5, 2);
        bench.create("a", "8+2", Tolerance.DEVICE);
        bench.down(1);
        assertEquals(2, bench.volume("a").behind().size());
        bench.down(2);
        assertEquals(2, bench.volume("a").behind().size());
    }

    @Test
    void aNodeWithMoreChunksThanAPageCanLoseIsMarkedOnlyInPart() {
        Bench bench = Bench.running(3, 4);
        bench.create("a", "8+2", Tolerance.DEVICE);
        bench.down(1);
        assertEquals(2, bench.volume("a").behind().size());
        bench.start(1);
        assertEquals(2, bench.volume("a").behind().size());
    }

    @Test
    void aNewVolumeBeginsWithAbsentSlotsBehind() {
        Bench bench = Bench.running(5, 1);
        bench.down(4);
        VolumeEntry volume = bench.create("a", "2+2", Tolerance.NODE);
        assertEquals(Set.copyOf(bench.slotsOf(4)), volume.behind().keySet());
        assertTrue(!volume.paths().contains(4), "live nodes first");
    }

    @Test
    void capsAreTheSmallestThatFindEveryChunkADevice() {
        Bench even = Bench.running(5, 4);
        ChunkCaps caps = new ChunkCaps(even.map().nodes(), even.map().slots());
        assertEquals(1, caps.perNode(3));
        assertEquals(1, caps.perNode(4));
        assertEquals(2, caps.perNode(6));
        assertEquals(2, caps.perNode(10));
        Bench few = Bench.running(2, 1);
        assertEquals(4, new ChunkCaps(few.map().nodes(), few.map().slots()).perNode(4));
    }
}
