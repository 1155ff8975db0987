package io.stria.node.cluster;

import io.stria.clustermap.Scheme;

/** Plans of small clusters. */
public final class Plans {
    private Plans() {}

    static ClusterPlan small(int nodes) {
        return new ClusterPlan(
                nodes, 2, ClusterPlan.DEVICE_BYTES_MIN, "127.0.0.1", 4420, new Scheme(2));
    }

    /** One node with two devices, on ports that are free now. */
    public static ClusterPlan alone() {
        for (int port = 20_000; port < 30_000; port += ClusterNode.PORTS) {
            ClusterPlan plan =
                    new ClusterPlan(
                            1, 2, ClusterPlan.DEVICE_BYTES_MIN, "127.0.0.1", port, new Scheme(1));
            if (Ports.areFree(plan.draw())) {
                return plan;
            }
        }
        throw new AssertionError("no port is free");
    }
}
