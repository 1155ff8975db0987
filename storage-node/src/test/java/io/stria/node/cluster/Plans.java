package io.stria.node.cluster;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;

/** Plans of small clusters. */
public final class Plans {
    private Plans() {}

    static ClusterPlan small(int nodes) {
        return new ClusterPlan(
                nodes, 2, ClusterPlan.DEVICE_BYTES_MIN, "127.0.0.1", 4420, new Scheme(2));
    }

    /** One node with two devices, on ports that are free now. */
    public static ClusterPlan alone() {
        return together(1);
    }

    /** So many nodes with two devices each, on ports that are free now. */
    public static ClusterPlan together(int nodes) {
        return onFreePorts(port ->
                new ClusterPlan(
                        nodes, 2, ClusterPlan.DEVICE_BYTES_MIN, "127.0.0.1", port, new Scheme(1)));
    }

    /** One node with these block devices, on ports that are free now. */
    public static ClusterPlan on(List<Path> devices, long deviceBytes) {
        return onFreePorts(port ->
                new ClusterPlan(
                        1,
                        devices.size(),
                        deviceBytes,
                        "127.0.0.1",
                        port,
                        new Scheme(1),
                        Tolerance.DEVICE,
                        EngineKind.AUTO,
                        DeviceKind.BLOCK,
                        devices.stream()
                                .map(path -> new BlockDevicePath(path, deviceBytes))
                                .toList()));
    }

    /** The first one of those of so many nodes, which are free now and are not given to clients. */
    public static int freePorts(int nodes) {
        return together(nodes).portBase();
    }

    private static ClusterPlan onFreePorts(IntFunction<ClusterPlan> at) {
        for (int port = 20_000; port < 30_000; port += ClusterNode.PORTS) {
            ClusterPlan plan = at.apply(port);
            if (Ports.areFree(plan.draw())) {
                return plan;
            }
        }
        throw new AssertionError("no port is free");
    }
}
