package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.VoterReport;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StrayNodeStatusTest {
    private static List<String> problems(long strayEpoch) {
        NodeEntry node =
                new NodeEntry(1, "10.0.0.1", 4420, 80, 98, "", "", true, NodeState.ONLINE, 5);
        ClusterMap map = new ClusterMap(new UUID(7, 7), 9, 8, List.of(node), List.of(), List.of());
        LeaderView.NodeView seen =
                new LeaderView.NodeView(
                        1,
                        77,
                        "nio",
                        false,
                        8,
                        strayEpoch,
                        VoterReport.UNHEARD,
                        List.of(),
                        List.of());
        LeaderView leader =
                new LeaderView(
                        3, 1, 9, 8, List.of(seen), List.of(), 600, List.of(), List.of(), List.of());
        return new ClusterViews(map, leader, new MoveRates(), 0).cluster(8).problems();
    }

    @Test
    void theStatusNamesANodeThatHasAppliedALostMap() {
        assertEquals(List.of(), problems(0));
        assertEquals(
                List.of(
                        "node 1 gets no lease: it has applied another map of epoch 9 than was"
                                + " decided"),
                problems(9));
    }
}
