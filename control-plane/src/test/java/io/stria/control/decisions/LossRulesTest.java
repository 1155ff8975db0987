package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Tolerance;
import io.stria.control.decisions.Result.Outcome;
import io.stria.control.json.Json;
import io.stria.control.json.RebuildAfter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LossRulesTest {
    private static Bench running(int nodes, int devicesPerNode) {
        Bench bench = Bench.running(nodes, devicesPerNode);
        bench.create("v", "2+2", Tolerance.NODE);
        return bench;
    }

    private static Decision.LoseDevices lose(Bench bench, int... nodes) {
        List<DeviceSlot> slots =
                bench.map().slots().stream()
                        .filter(slot -> Arrays.stream(nodes).anyMatch(n -> n == slot.nodeId()))
                        .toList();
        return lose(bench, slots);
    }

    private static Decision.LoseDevices lose(Bench bench, List<DeviceSlot> slots) {
        return new Decision.LoseDevices(
                slots.stream()
                        .map(slot ->
                                new Decision.LostDevice(
                                        slot.deviceId(), bench.node(slot.nodeId()).incarnation()))
                        .toList(),
                "test");
    }

    private static void refused(Bench bench, Outcome outcome, String why, int... nodes) {
        ClusterState before = bench.state;
        Result result = bench.apply(lose(bench, nodes));
        assertEquals(outcome, result.outcome(), result.detail());
        assertTrue(result.detail().contains(why), result.detail());
        assertEquals(before, bench.state);
    }

    @Test
    void aNodeThatStaysAwayIsLostWithAllItsDevices() {
        Bench bench = running(5, 2);
        bench.down(3);
        bench.done(lose(bench, 3));
        assertEquals(List.of(DeviceState.FAILED), bench.states(3));
        assertTrue(bench.volume("v").placing().isMoving());
        bench.slotsOf(3).forEach(slot -> assertTrue(Bench.mark(bench.volume("v"), slot) > 0));
    }

    @Test
    void whoIsBackOrWasBackMeanwhileIsNotLost() {
        Bench bench = running(5, 1);
        bench.down(3);
        Decision.LoseDevices late = lose(bench, 3);
        bench.start(3);
        assertEquals(Outcome.STALE, bench.apply(late).outcome());
        bench.down(3);
        assertEquals(Outcome.STALE, bench.apply(late).outcome());
        Decision.LoseDevices now = lose(bench, 3);
        bench.done(now);
        assertEquals(Outcome.STALE, bench.apply(now).outcome(), "twice");
    }

    /** The setting was changed after it had been proposed. */
    @Test
    void nothingIsLostOnceThatIsNeverToBe() {
        Bench bench = running(5, 1);
        bench.down(3);
        bench.done(new Decision.SetRebuildAfter(0));
        refused(bench, Outcome.STALE, "by itself", 3);
    }

    @Test
    void allOfThemOrNone() {
        Bench bench = running(9, 1);
        bench.down(3);
        refused(bench, Outcome.STALE, "slot 3", 3, 4);
    }

    @Test
    void severalNodesAreLostOnlyIfTheyAreFewOfMany() {
        Bench five = running(5, 1);
        five.down(3);
        five.down(4);
        refused(five, Outcome.NOT_READY, "40 %", 3, 4);
        refused(five, Outcome.NOT_READY, "40 %", 3);
        Bench eight = running(8, 1);
        eight.down(3);
        eight.down(4);
        eight.done(lose(eight, 3, 4));
    }

    @Test
    void oneNodeMayBeMoreThanAQuarter() {
        Bench bench = Bench.running(3, 2);
        bench.create("v", "2+2", Tolerance.DEVICE);
        bench.down(3);
        bench.done(lose(bench, 3));
    }

    @Test
    void whatIsBeingRebuiltCountsAsAway() {
        Bench bench = running(5, 1);
        bench.down(3);
        bench.done(lose(bench, 3));
        bench.down(4);
        refused(bench, Outcome.NOT_READY, "[3, 4]", 4);
    }

    @Test
    void aWholeRackIsNotLost() {
        Bench bench = Bench.running(12, 1);
        for (int id : List.of(3, 4)) {
            NodeSpec spec = Bench.spec(id);
            bench.done(
                    new Decision.RegisterNode(
                            new NodeSpec(
                                    id,
                                    spec.address(),
                                    spec.dataPort(),
                                    spec.apiPort(),
                                    spec.consensusPort(),
                                    "",
                                    "shared",
                                    spec.voter()),
                            bench.node(id).incarnation() + 1000,
                            bench.devices(id)));
        }
        bench.create("v", "2+2", Tolerance.NODE);
        bench.down(3);
        bench.down(4);
        refused(bench, Outcome.NOT_READY, "rack 'shared'", 3, 4);
        refused(bench, Outcome.NOT_READY, "rack 'shared'", 3);
    }

    @Test
    void aVolumeThatCouldNotBeWhatItWasMadeToBeWaits() {
        Bench bench = running(4, 2);
        bench.down(3);
        refused(bench, Outcome.INFEASIBLE, "volume v", 3);
    }

    @Test
    void ofNoPageMayThreeChunksBeAway() {
        Bench bench = running(12, 1);
        IntStream.of(3, 4, 5).forEach(bench::down);
        refused(bench, Outcome.CONFLICT, "3 chunks", 3, 4);
        refused(bench, Outcome.CONFLICT, "3 chunks", 3);
    }

    @Test
    void aDeviceThatIsDrainedAndDiesIsLostToo() {
        Bench bench = running(5, 2);
        DeviceSlot slot = bench.map().slot(bench.slotsOf(3).getFirst());
        bench.done(new Decision.DrainDevices(List.of(slot.deviceId())));
        bench.done(lose(bench, List.of(slot)));
        assertEquals(DeviceState.FAILED, bench.map().slot(slot.slot()).state());
        assertTrue(Bench.mark(bench.volume("v"), slot.slot()) > 0);
    }

    @Test
    void theTimeIsSetOnceAndInBounds() {
        Bench bench = Bench.running(3, 1);
        assertEquals(RebuildAfter.SECONDS_DEFAULT, bench.state.rebuildAfterSeconds());
        bench.done(new Decision.SetRebuildAfter(0));
        assertEquals(0, bench.state.rebuildAfterSeconds());
        assertEquals(Outcome.ALREADY, bench.apply(new Decision.SetRebuildAfter(0)).outcome());
        assertEquals(Outcome.INVALID, bench.apply(new Decision.SetRebuildAfter(-1)).outcome());
        long tooLong = Decision.SetRebuildAfter.SECONDS_MAX + 1;
        assertEquals(Outcome.INVALID, bench.apply(new Decision.SetRebuildAfter(tooLong)).outcome());
        bench.start(1);
        assertEquals(0, bench.state.rebuildAfterSeconds(), "other decisions leave it alone");
    }

    @Test
    void aStateFromBeforeThereWasAChoiceHasTheDefault() throws IOException {
        Bench bench = running(4, 1);
        byte[] now = DecisionCodec.encode(bench.state);
        ObjectNode tree =
                (ObjectNode) Json.strict().readTree(Arrays.copyOfRange(now, 1, now.length));
        assertTrue(tree.remove(RebuildAfter.NAME) != null);
        byte[] json = Json.write(tree);
        byte[] old = new byte[json.length + 1];
        old[0] = now[0];
        System.arraycopy(json, 0, old, 1, json.length);
        assertEquals(bench.state, DecisionCodec.decodeState(old));
    }
}
