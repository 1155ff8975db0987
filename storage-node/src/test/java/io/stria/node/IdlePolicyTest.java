package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterPlan;
import org.junit.jupiter.api.Test;

final class IdlePolicyTest {
    @Test
    void nodesSpinOnlyWhereEachCanHaveACpuAndOneIsLeft() {
        ClusterFile cluster =
                new ClusterPlan(
                                3,
                                2,
                                ClusterPlan.DEVICE_BYTES_MIN,
                                "127.0.0.1",
                                4420,
                                new Scheme(1))
                        .draw();
        assertFalse(IdlePolicy.spins(cluster, cluster.node(1), 2));
        assertFalse(IdlePolicy.spins(cluster, cluster.node(1), 3));
        assertTrue(IdlePolicy.spins(cluster, cluster.node(3), 4));
    }
}
