package io.stria.node.cluster;

import io.stria.clustermap.Scheme;

/** Plans of small clusters. */
final class Plans {
    private Plans() {}

    static ClusterPlan small(int nodes) {
        return new ClusterPlan(
                nodes, 2, ClusterPlan.DEVICE_BYTES_MIN, "127.0.0.1", 4420, new Scheme(2));
    }
}
