package io.stria.node.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.EngineKind;
import io.stria.node.supervise.NodeStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReadinessTest {
    private static final long NEVER_NS = TimeUnit.DAYS.toNanos(1);

    @TempDir private Path directory;
    private final StringWriter said = new StringWriter();
    private RestStub rest;

    @BeforeEach
    void start() throws IOException {
        rest = new RestStub();
    }

    @AfterEach
    void stop() {
        rest.close();
    }

    private Readiness readiness(long settledNs, NodeStatus... processes) {
        int port = URI.create(rest.url()).getPort();
        ClusterNode node = new ClusterNode(1, "127.0.0.1", 1, port, 1, 1, "", "", true, List.of());
        ClusterFile cluster =
                new ClusterFile(
                        ClusterFile.FORMAT,
                        new UUID(1, 2),
                        ClusterFile.PAGE_SHIFT,
                        EngineKind.AUTO,
                        List.of(node));
        return new Readiness(
                new ClusterDirectory(directory),
                cluster,
                () -> List.of(processes),
                new Progress(new PrintWriter(said, true)),
                settledNs);
    }

    private void health(String health) {
        rest.answers(
                "GET /api/v1/cluster",
                200,
                "{\"health\":\"%s\",\"problems\":[\"slot 3 is away\",\"so is slot 4\"]}"
                        .formatted(health));
    }

    @Test
    void aClusterThatServesEverythingIsReadyWithWhatItHasLost() throws InterruptedException {
        health("degraded");
        Readiness readiness = readiness(0);

        readiness.await();
        readiness.await();

        String once = "stays degraded: slot 3 is away, and 1 more";
        assertTrue(said.toString().contains(once), said.toString());
        assertFalse(said.toString().replaceFirst(once, "").contains(once), said.toString());
    }

    @Test
    void whatMayStillGetHealthierIsWaitedFor() {
        health("degraded");
        NodeStatus ended = new NodeStatus(1, 77, false, "by signal 9");

        assertThrows(ClusterException.class, () -> readiness(NEVER_NS, ended).await());
    }

    @Test
    void theWarningsOfAJvmAreNotWhyANodeEnded() throws IOException {
        Path console = directory.resolve("node-1").resolve("console.log");
        Files.createDirectory(directory.resolve("node-1"));
        Files.writeString(console, "WARNING: Using incubator modules\n");
        NodeStatus ended = new NodeStatus(1, 77, false, "with status 70");

        ClusterException failure =
                assertThrows(ClusterException.class, () -> readiness(0, ended).await());

        String sentence = String.valueOf(failure.getMessage());
        assertTrue(sentence.startsWith("node 1 ended with status 70: see "), sentence);
        assertTrue(sentence.endsWith("node.log"), sentence);
    }

    @Test
    void aVolumeThatIsNotServedIsWaitedFor() {
        health("unavailable");
        NodeStatus ended = new NodeStatus(1, 77, false, "by signal 9");

        assertThrows(ClusterException.class, () -> readiness(0, ended).await());
    }
}
