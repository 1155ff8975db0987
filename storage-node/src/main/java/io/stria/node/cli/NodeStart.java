package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.supervise.NodeStatus;
import io.stria.node.supervise.SupervisorClient;
import java.util.concurrent.TimeUnit;

/** Starts a node of this machine and waits until the cluster counts on it. */
final class NodeStart {
    private static final long LOOK_MS = 300;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(180);

    private final ClusterDirectory directory;
    private final SupervisorClient supervisor;
    private final Api api;
    private final int id;

    NodeStart(ClusterDirectory directory, SupervisorClient supervisor, Api api, int id) {
        this.directory = directory;
        this.supervisor = supervisor;
        this.api = api;
        this.id = id;
    }

    NodeStatus status() {
        return supervisor.list().stream()
                .filter(status -> status.id() == id)
                .findFirst()
                .orElseThrow(() -> new ClusterException("there is no node " + id));
    }

    /**
     * Returns when the leader has heard this very process: the map has all devices then that it
     * has.
     *
     * @throws ClusterException if it ends, or takes too long
     */
    void start() throws InterruptedException {
        supervisor.start(id);
        long startNs = System.nanoTime();
        while (!isRegistered(running())) {
            if (System.nanoTime() - startNs > LIMIT_NS) {
                throw new ClusterException(
                        "node %d has not registered in time: see %s"
                                .formatted(id, directory.nodeDirectory(id).resolve("node.log")));
            }
            Thread.sleep(LOOK_MS);
        }
    }

    private NodeStatus running() {
        NodeStatus status = status();
        if (status.hasEnded()) {
            throw new ClusterException(
                    "node %d ended %s: %s"
                            .formatted(id, status.ending(), LastWords.of(directory, id)));
        }
        return status;
    }

    private boolean isRegistered(NodeStatus process) {
        try {
            for (JsonNode node : Views.items(api.get("/nodes"), "nodes")) {
                if (node.path("id").asInt() == id) {
                    return node.path("state").asText().equals("online")
                            && node.path("pid").asLong() == process.pid()
                            && node.path("leased").asBoolean();
                }
            }
        } catch (ApiException e) {
            if (e.status() != 0 && e.status() != 503) {
                throw e;
            }
        }
        return false;
    }
}
