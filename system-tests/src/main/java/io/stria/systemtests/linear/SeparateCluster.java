package io.stria.systemtests.linear;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.clustermap.Scheme;
import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.ClusterPlan;
import io.stria.systemtests.cluster.NodeLogs;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** A cluster each of whose nodes has a network, an address and a process of its own. */
final class SeparateCluster {
    static final int NODES = 5;
    static final String VOLUME = "linear";
    private static final int PORT_BASE = 4420;
    private static final long DEVICE_BYTES = 1L << 30;

    /** Until a cluster is taken for one that will not come up, or not recover. */
    private static final Duration LIMIT = Duration.ofMinutes(3);

    final NodeNetworks networks;
    final NodeProcesses processes;
    private final ClusterDirectory directory;
    private final ClusterFile cluster;
    private final ClusterApi api;

    private SeparateCluster(Path path, NodeNetworks networks, Consumer<String> log)
            throws IOException {
        this.networks = networks;
        directory = new ClusterDirectory(path);
        new ClusterMaker(directory)
                .make(
                        new ClusterPlan(
                                NODES,
                                1,
                                DEVICE_BYTES,
                                NodeNetworks.address(1),
                                PORT_BASE,
                                new Scheme(2)));
        cluster = spread(directory);
        processes = new NodeProcesses(directory, cluster, networks, log);
        api = new ClusterApi(cluster.nodes().stream().map(ClusterNode::api).toList());
    }

    /** Makes a cluster, starts it, and gives it a volume. */
    static SeparateCluster start(Path path, NodeNetworks networks, Consumer<String> log)
            throws IOException, InterruptedException {
        SeparateCluster cluster = new SeparateCluster(path, networks, log);
        for (int node = 1; node <= NODES; node++) {
            cluster.processes.start(node);
        }
        cluster.processes.rehearse();
        cluster.awaitHealthy();
        cluster.api.insist(
                "/volumes",
                "{\"name\":\"%s\",\"sizeBytes\":%d,\"scheme\":\"2+2\"}"
                        .formatted(VOLUME, DEVICE_BYTES),
                LIMIT);
        cluster.api.await(
                "/volumes/" + VOLUME, volume -> volume.path("serving").asBoolean(), LIMIT);
        return cluster;
    }

    /** What {@code up} puts on one address gets one address a node. */
    private static ClusterFile spread(ClusterDirectory directory) throws IOException {
        ClusterFile file = directory.read();
        for (ClusterNode node : directory.read().nodes()) {
            file =
                    file.withNode(
                            ClusterNode.of(
                                    node.id(),
                                    NodeNetworks.address(node.id()),
                                    PORT_BASE,
                                    node.voter(),
                                    node.devices()));
        }
        Files.write(directory.clusterFile(), Json.write(file));
        return file;
    }

    void awaitHealthy() throws InterruptedException {
        api.await("/cluster", answer -> answer.path("health").asText().equals("healthy"), LIMIT);
    }

    NodeLogs logs() {
        return new NodeLogs(directory.path());
    }

    String nqn() throws InterruptedException {
        return volume().path("nqn").asText();
    }

    int owner() throws InterruptedException {
        return volume().path("owner").asInt();
    }

    int leader() throws InterruptedException {
        return api.await("/cluster", answer -> answer.path("leader").isInt(), LIMIT)
                .path("leader")
                .asInt();
    }

    private JsonNode volume() throws InterruptedException {
        return api.await("/volumes/" + VOLUME, answer -> true, LIMIT);
    }

    List<InetSocketAddress> portals() {
        return cluster.nodes().stream()
                .map(node -> new InetSocketAddress(node.address(), node.dataPort()))
                .toList();
    }
}
