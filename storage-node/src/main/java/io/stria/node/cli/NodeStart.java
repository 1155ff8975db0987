package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.supervise.NodeStatus;
import io.stria.node.supervise.SupervisorClient;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Starts a node of this machine and waits until the cluster counts on it. */
final class NodeStart {
    private static final long LOOK_MS = 300;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(180);
    private static final long COUNTED_NS = TimeUnit.SECONDS.toNanos(5);

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
        mustCome(this::isRegistered, "registered");
    }

    private void mustCome(Predicate<NodeStatus> done, String what) throws InterruptedException {
        if (!comes(LIMIT_NS, done)) {
            throw new ClusterException(
                    "node %d has not %s in time: see %s"
                            .formatted(id, what, directory.nodeDirectory(id).resolve("node.log")));
        }
    }

    private boolean comes(long limitNs, Predicate<NodeStatus> done) throws InterruptedException {
        long startNs = System.nanoTime();
        while (!done.test(running())) {
            if (System.nanoTime() - startNs > limitNs) {
                return false;
            }
            Thread.sleep(LOOK_MS);
        }
        return true;
    }

    /**
     * Of one that was started: returns when the node answers for itself, which takes no leader: it
     * has opened its devices then. True if the leader counts on it as well, within some seconds
     * more.
     *
     * @throws ClusterException if it ends, or takes too long
     */
    boolean awaitAlone() throws InterruptedException {
        String url = directory.read().node(id).api();
        Api own = new Api(List.of(url), url);
        mustCome(process -> answers(own), "answered");
        return comes(COUNTED_NS, this::isRegistered);
    }

    private boolean answers(Api own) {
        try {
            own.get("/cluster");
            return true;
        } catch (ApiException e) {
            return e.status() != 0;
        }
    }

    private NodeStatus running() {
        NodeStatus status = status();
        if (status.hasEnded()) {
            throw new ClusterException(LastWords.ofEnded(directory, status));
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
