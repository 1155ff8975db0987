package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.supervise.NodeStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Waits until a cluster that was started is healthy, and says how far it is. One that serves all of
 * its volumes, but gets no healthier, is ready as well: it was made to survive that.
 */
final class Readiness {
    static final long LOOK_MS = 200;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(180);
    private static final long SETTLED_NS = TimeUnit.SECONDS.toNanos(20);
    private static final int ANSWER_MS = 3000;

    private final ClusterDirectory directory;
    private final ClusterFile cluster;
    private final Supplier<List<NodeStatus>> processes;
    private final Progress progress;
    private final long startNs = System.nanoTime();
    private final Set<Integer> answered = new HashSet<>();
    private final long settledNs;
    private String problems = "";
    private String allProblems = "";
    private long changedNs = startNs;
    private boolean settled;

    Readiness(
            ClusterDirectory directory,
            ClusterFile cluster,
            Supplier<List<NodeStatus>> processes,
            Progress progress) {
        this(directory, cluster, processes, progress, SETTLED_NS);
    }

    /**
     * @param settledNs so long must nothing change before it is ready without being healthy
     */
    Readiness(
            ClusterDirectory directory,
            ClusterFile cluster,
            Supplier<List<NodeStatus>> processes,
            Progress progress,
            long settledNs) {
        this.settledNs = settledNs;
        this.directory = directory;
        this.cluster = cluster;
        this.processes = processes;
        this.progress = progress;
    }

    /**
     * @throws ClusterException if a node ends, or it takes too long
     */
    void await() throws InterruptedException {
        while (!isReady()) {
            for (NodeStatus process : processes.get()) {
                if (process.hasEnded()) {
                    throw new ClusterException(LastWords.ofEnded(directory, process));
                }
            }
            if (System.nanoTime() - startNs > LIMIT_NS) {
                throw new ClusterException(
                        "the cluster is not healthy after %s: %s"
                                .formatted(
                                        elapsed(),
                                        problems.isEmpty() ? "no node answers" : problems));
            }
            Thread.sleep(LOOK_MS);
        }
    }

    private boolean isReady() {
        JsonNode answer = null;
        for (ClusterNode node : cluster.nodes()) {
            if (answer != null && answered.contains(node.id())) {
                continue;
            }
            try {
                answer =
                        new Api(List.of(node.api()), node.api())
                                .withTimeout(ANSWER_MS)
                                .get("/cluster");
                if (answered.add(node.id())) {
                    progress.say(
                            "node %d of %d answers after %s"
                                    .formatted(node.id(), cluster.nodes().size(), elapsed()));
                }
            } catch (ApiException e) {
                // It is starting.
            }
        }
        if (answer == null) {
            return false;
        }
        boolean healthy = Views.isHealthy(answer);
        sayProblems(healthy ? "healthy" : join(answer.path("problems")));
        return healthy || isSettled(answer);
    }

    /** Degraded says that every volume is served. */
    private boolean isSettled(JsonNode answer) {
        long nowNs = System.nanoTime();
        String now = answer.path("problems").toString();
        if (!now.equals(allProblems)) {
            allProblems = now;
            changedNs = nowNs;
        }
        boolean degraded =
                answer.path("health").asText().equals("degraded")
                        && answered.size() == cluster.nodes().size();
        if (degraded && !settled && nowNs - changedNs >= settledNs) {
            settled = true;
            progress.say("all volumes are served, but the cluster stays degraded: " + problems);
        }
        return degraded && settled;
    }

    private void sayProblems(String now) {
        if (!now.equals(problems) && answered.size() == cluster.nodes().size()) {
            progress.say("%s (%s)".formatted(now, elapsed()));
        }
        problems = now;
    }

    private static String join(JsonNode sentences) {
        List<String> all = new ArrayList<>();
        for (JsonNode sentence : sentences) {
            all.add(sentence.asText());
        }
        return all.size() > 1
                ? all.getFirst() + ", and " + (all.size() - 1) + " more"
                : String.join("", all);
    }

    private String elapsed() {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - startNs) / 1e9);
    }
}
