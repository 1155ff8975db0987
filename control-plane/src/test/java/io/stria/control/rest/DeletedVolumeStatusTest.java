package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeState;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.VoterReport;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A volume whose fragments are being dropped: nobody serves it, and nobody should. */
class DeletedVolumeStatusTest {
    private static ClusterJson.Cluster cluster(VolumeState state) {
        ClusterMap map = Maps.of(state, new TreeMap<>());
        LeaderView leader =
                new LeaderView(
                        3,
                        1,
                        1,
                        1,
                        List.of(
                                new LeaderView.NodeView(
                                        1,
                                        77,
                                        "nio",
                                        true,
                                        1,
                                        0,
                                        VoterReport.works(1L << 40),
                                        List.of(),
                                        List.of())),
                        List.of(),
                        600,
                        List.of(),
                        List.of(),
                        List.of());
        return new ClusterViews(map, leader, new MoveRates(), 0).cluster(1);
    }

    @Test
    void itIsNotMissed() {
        assertEquals("unavailable", cluster(VolumeState.ONLINE).health());
        assertEquals(List.of(), cluster(VolumeState.DELETING).problems());
        assertEquals("healthy", cluster(VolumeState.DELETING).health());
    }
}
