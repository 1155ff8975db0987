package io.stria.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.AwayDevice;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.Serving;
import io.stria.control.lease.VoterReport;
import io.stria.control.rest.ControlView;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is scraped of four nodes with a device each, and a volume. */
class ControlMetricsTest {
    private static final int NODES = 4;
    private static final long DEVICE_BYTES = 1L << 40;

    private ClusterState state = running();
    private List<AwayDevice> away = List.of();
    private @Nullable LeaderView leads;

    private static ClusterState running() {
        List<NodeSpec> nodes = new ArrayList<>();
        for (int id = 1; id <= NODES; id++) {
            nodes.add(new NodeSpec(id, "127.0.0.1", 1, 2, 3, "", "", true));
        }
        ClusterState state =
                decide(
                        ClusterState.empty(),
                        new Decision.InitCluster(new UUID(7, 7), 8, "secret", nodes));
        for (NodeSpec node : nodes) {
            state = decide(state, registration(node, node.id(), new UUID(9, node.id())));
        }
        return decide(
                state,
                new Decision.CreateVolume(
                        new UUID(8, 8), "demo", 1L << 30, new Scheme(2), Tolerance.NODE));
    }

    private static Decision registration(NodeSpec node, long incarnation, UUID device) {
        return new Decision.RegisterNode(
                node, incarnation, List.of(new DeviceSpec(device, DEVICE_BYTES)));
    }

    private static ClusterState decide(ClusterState state, Decision decision) {
        Decider.Step step = Decider.apply(state, decision);
        assertTrue(step.result().accepted(), step.result().toString());
        return step.state();
    }

    private static VolumeEntry demo(ClusterMap map) {
        return map.volumeByName("demo").orElseThrow();
    }

    /** This node leads, all nodes have a lease, and the volume's owner says this. */
    private LeaderView leader(List<String> heldBack, Serving... serving) {
        List<LeaderView.NodeView> nodes = new ArrayList<>();
        for (int id = 1; id <= NODES; id++) {
            nodes.add(
                    new LeaderView.NodeView(
                            id,
                            77,
                            "nio",
                            true,
                            9,
                            0,
                            VoterReport.works(1L << 40),
                            id == demo(state.map()).owner() ? List.of(serving) : List.of(),
                            List.of()));
        }
        return new LeaderView(3, 1, 9, 9, nodes, state.unplaced(), 600, List.of(), away, heldBack);
    }

    private Serving served() {
        VolumeEntry demo = demo(state.map());
        return new Serving(demo.vuid(), demo.epoch());
    }

    private void assertScraped(String... samples) {
        ControlView view =
                new ControlView(
                        1, state.map(), 0, 0, 0, 0, Leader.UNKNOWN, VoterReport.NONE, leads, 0);
        String scraped = new ControlMetrics(1, () -> view, () -> 0).registry.scrape();
        for (String sample : samples) {
            assertTrue(scraped.lines().anyMatch(sample::equals), sample + " in\n" + scraped);
        }
    }

    @Test
    void aClusterThatIsWellHasNothingButWorkingVoters() {
        leads = leader(List.of(), served());
        assertScraped(
                "stria_voters_working 4.0",
                "stria_volumes_not_served 0.0",
                "stria_devices_unavailable 0.0",
                "stria_devices_unplaced 0.0",
                "stria_rebuilds_held_back 0.0");
    }

    @Test
    void aVolumeOfWhichItsOwnerSaysNothingIsNotServed() {
        leads = leader(List.of());
        assertScraped("stria_volumes_not_served 1.0");
        leads = leader(List.of(), new Serving(served().vuid(), served().volumeEpoch() - 1));
        assertScraped("stria_volumes_not_served 1.0");
    }

    /** Then nobody looks for a volume's owner. */
    @Test
    void aVolumeThatIsDeletedIsNotMissed() {
        state = decide(state, new Decision.DeleteVolume("demo", new UUID(8, 8)));
        leads = leader(List.of());
        assertScraped("stria_volumes_not_served 0.0");
    }

    @Test
    void whatIsAwayIsCountedOnEveryNode() {
        state = decide(state, new Decision.NodeDown(4, 4, "test"));
        assertScraped("stria_devices_unavailable 1.0", "stria_devices_lost 0.0");
    }

    /** Hosts' IO may wait though the volume is served. */
    @Test
    void aVolumeOfWhichBlocksMayWaitIsCountedOnEveryNode() {
        for (int node : List.of(3, 4)) {
            state = decide(state, new Decision.NodeDown(node, node, "test"));
        }
        assertScraped("stria_volumes_waiting 0.0");
        state = decide(state, new Decision.NodeDown(2, 2, "test"));
        assertScraped("stria_volumes_waiting 1.0");
    }

    /** Its slot keeps the word that it is drained. */
    @Test
    void soIsADrainedOne() {
        NodeSpec fifth = new NodeSpec(5, "127.0.0.1", 1, 2, 3, "", "", false);
        state = decide(state, registration(fifth, 5, new UUID(9, 5)));
        state =
                decide(
                        state,
                        new Decision.AddDevice(5, 5, new DeviceSpec(new UUID(9, 5), DEVICE_BYTES)));
        state = decide(state, new Decision.DrainDevices(List.of(new UUID(9, 5))));
        leads = leader(List.of(), served());
        assertScraped("stria_devices_unavailable 0.0");
        away = List.of(new AwayDevice(new UUID(9, 5), 3));
        leads = leader(List.of(), served());
        assertScraped("stria_devices_unavailable 1.0");
        leads = null;
        state = decide(state, new Decision.NodeDown(5, 5, "test"));
        assertScraped("stria_devices_unavailable 1.0", "stria_nodes_away 1.0");
    }

    @Test
    void aNodeThatIsAwayIsMissedOnlyWhereSomethingRestsOnIt() {
        NodeSpec fifth = new NodeSpec(5, "127.0.0.1", 1, 2, 3, "", "", false);
        state = decide(state, registration(fifth, 5, new UUID(9, 5)));
        state = decide(state, new Decision.NodeDown(5, 5, "test"));
        assertScraped("stria_nodes 5.0", "stria_nodes_online 4.0", "stria_nodes_away 0.0");
        state = decide(state, new Decision.RemoveNode(5, 5));
        assertScraped("stria_nodes 4.0", "stria_nodes_online 4.0", "stria_nodes_away 0.0");
        state = decide(state, new Decision.NodeDown(4, 4, "test"));
        assertScraped("stria_nodes_away 1.0");
    }

    /** A disk that was put into another node has its slot where it was. */
    @Test
    void aSpareDeviceIsInANodeThatIsThereAndNoSlotIsKeptForIt() {
        NodeSpec fifth = new NodeSpec(5, "127.0.0.1", 1, 2, 3, "", "", false);
        state = decide(state, new Decision.NodeDown(4, 4, "test"));
        state = decide(state, registration(fifth, 5, new UUID(9, 4)));
        leads = leader(List.of(), served());
        assertScraped("stria_devices_unplaced 0.0", "stria_devices_unavailable 1.0");
        state = decide(state, registration(fifth, 6, new UUID(9, 5)));
        leads = leader(List.of(), served());
        assertScraped("stria_devices_unplaced 1.0");
        state = decide(state, new Decision.NodeDown(5, 6, "test"));
        leads = leader(List.of(), served());
        assertScraped("stria_devices_unplaced 0.0");
    }

    @Test
    void whatOnlyALeaderKnowsIsZeroElsewhere() {
        NodeSpec fourth = new NodeSpec(4, "127.0.0.1", 1, 2, 3, "", "", true);
        state = decide(state, registration(fourth, 5, new UUID(9, 44)));
        leads = leader(List.of("no room"), served());
        assertScraped("stria_devices_unplaced 1.0", "stria_rebuilds_held_back 1.0");
        leads = null;
        assertScraped(
                "stria_voters_working 0.0",
                "stria_volumes_not_served 0.0",
                "stria_devices_unplaced 0.0",
                "stria_rebuilds_held_back 0.0");
    }
}
