package io.stria.node;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.control.decisions.Decision;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.ClusterPlan;
import io.stria.node.cluster.FileTree;
import io.stria.node.cluster.Ports;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * A short life of a cluster of one node, for the run that makes the AOT cache: what it loads, nodes
 * need not load again. It has devices enough for a volume, and is gone afterwards.
 */
public final class TrainingRun {
    private static final int DEVICES = 3;
    private static final int PORT_FIRST = 20_000;
    private static final int PORT_LAST = 30_000;
    private static final long LIMIT_MS = 60_000;
    private static final long LOOK_MS = 50;

    private TrainingRun() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path parent = Files.createTempDirectory("stria-training-");
        try {
            ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
            new ClusterMaker(directory).make(plan());
            NodeConfig config = NodeConfig.read(directory.path(), 1, Starts.draw());
            NodeLog.open(config.nodeDirectory().resolve("node.log"));
            try (StorageNode node = StorageNode.start(config, DataPlane::new, why -> {})) {
                live(node, config.node());
            }
        } finally {
            FileTree.delete(parent);
        }
        System.exit(0);
    }

    private static ClusterPlan plan() {
        for (int port = PORT_FIRST; port < PORT_LAST; port += ClusterNode.PORTS) {
            ClusterPlan plan =
                    new ClusterPlan(
                            1,
                            DEVICES,
                            ClusterPlan.DEVICE_BYTES_MIN,
                            "127.0.0.1",
                            port,
                            new Scheme(1));
            if (Ports.areFree(plan.draw())) {
                return plan;
            }
        }
        throw new IllegalStateException("no port is free");
    }

    private static void live(StorageNode node, ClusterNode self)
            throws IOException, InterruptedException {
        long deadlineMs = System.currentTimeMillis() + LIMIT_MS;
        boolean asked = false;
        while (!isServed(node) && System.currentTimeMillis() < deadlineMs) {
            for (String path : List.of("/cluster", "/nodes", "/devices", "/volumes", "/map")) {
                get(self.api() + "/api/v1" + path);
            }
            if (!asked && node.control().map().slots().size() == DEVICES) {
                asked = true;
                node.control()
                        .propose(
                                new Decision.CreateVolume(
                                        UUID.randomUUID(),
                                        "training",
                                        1L << 30,
                                        new Scheme(1),
                                        Tolerance.DEVICE),
                                result -> {});
            }
            Thread.sleep(LOOK_MS);
        }
    }

    private static boolean isServed(StorageNode node) {
        return !node.serving().isEmpty();
    }

    private static void get(String url) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.getResponseCode();
        connection.disconnect();
    }
}
