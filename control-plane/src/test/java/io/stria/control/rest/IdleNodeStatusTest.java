package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.lease.LeaderView;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A node that was drained and switched off for good, and one that was removed then. */
class IdleNodeStatusTest {
    private static ClusterJson.Cluster cluster(boolean voter, long incarnation, DeviceState state) {
        return views(voter, NodeState.OFFLINE, incarnation, state).cluster(1);
    }

    private static ClusterViews views(
            boolean voter, NodeState nodeState, long incarnation, DeviceState state) {
        NodeEntry on = new NodeEntry(1, "127.0.0.1", 1, 2, 3, "", "", true, NodeState.ONLINE, 1);
        NodeEntry off =
                new NodeEntry(2, "127.0.0.1", 4, 5, 6, "", "", voter, nodeState, incarnation);
        DeviceSlot slot = new DeviceSlot(0, new UUID(9, 1), 2, 1L << 40, 1024, state);
        ClusterMap map =
                ClusterMap.initial(new UUID(5, 5), 8)
                        .next(List.of(on, off), List.of(slot), List.of());
        LeaderView leader =
                new LeaderView(
                        3, 1, 1, 1, List.of(), List.of(), 600, List.of(), List.of(), List.of());
        return new ClusterViews(map, leader, new MoveRates(), 0);
    }

    @Test
    void whatNothingRestsOnIsNoProblem() {
        ClusterJson.Cluster cluster = cluster(false, 7, DeviceState.REMOVED);
        assertEquals(List.of(), cluster.problems());
        assertEquals("healthy", cluster.health());
        assertEquals(
                List.of(
                        "node 2 is offline, and nothing rests on it: no vote, no slot, no path."
                                + " 'node remove' takes it out"),
                cluster.notes());
    }

    @Test
    void whatWasRemovedIsNotSpokenOf() {
        for (long incarnation : new long[] {0, 7}) {
            ClusterViews views = views(false, NodeState.REMOVED, incarnation, DeviceState.REMOVED);
            assertEquals("healthy", views.cluster(1).health());
            assertEquals(List.of(), views.cluster(1).problems());
            assertEquals(List.of(), views.cluster(1).notes());
            assertEquals(new ClusterJson.Count(1, 1), views.cluster(1).nodes());
            assertEquals(1, views.nodes().size());
        }
    }

    @Test
    void aVoteASlotAndANodeThatHasYetToStartAreMissed() {
        assertEquals(
                List.of("node 2 is offline"), cluster(true, 7, DeviceState.REMOVED).problems());
        assertEquals(
                "node 2 is offline",
                cluster(false, 7, DeviceState.UNAVAILABLE).problems().getFirst());
        ClusterJson.Cluster never = cluster(false, 0, DeviceState.REMOVED);
        assertEquals(List.of("node 2 has never started"), never.problems());
        assertEquals(List.of(), never.notes());
    }
}
