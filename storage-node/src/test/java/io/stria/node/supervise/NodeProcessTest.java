package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.node.Beside;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.Plans;
import io.stria.runtime.ProcessSignals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class NodeProcessTest {
    @TempDir private Path directory;

    /** `down` in the middle of `up` left those running whose turn to start came after it. */
    @Test
    void startsNothingOnceTheClusterIsBeingStopped() throws InterruptedException {
        AtomicBoolean closing = new AtomicBoolean();
        ClusterDirectory none = new ClusterDirectory(directory.resolve("none"));
        NodeProcess node =
                new NodeProcess(1, none, (id, incarnation, how) -> {}, line -> {}, closing::get);
        assertThrows(ClusterException.class, node::start, "it tries");
        closing.set(true);
        node.start();
        assertFalse(node.status().running());
    }

    /** It ran on, and a supervisor after this one would not have known of it. */
    @Test
    void endsAndAttestsAProcessWhoseNumberItCannotKeep() throws IOException {
        ClusterDirectory cluster = new ClusterDirectory(directory.resolve("cluster"));
        new ClusterMaker(cluster).make(Plans.alone());
        Path inTheWay = cluster.nodeDirectory(1).resolve(NodeProcess.PID_FILE + ".new");
        Files.createDirectories(inTheWay.resolve("full"));
        Path console = cluster.nodeDirectory(1).resolve("console.log");
        Files.writeString(console, "why the last one ended\n");
        CompletableFuture<String> ended = new CompletableFuture<>();
        NodeProcess node =
                new NodeProcess(
                        1,
                        cluster,
                        (id, incarnation, how) -> ended.complete(id + " " + how),
                        line -> {},
                        () -> false);
        ClusterException refused = assertThrows(ClusterException.class, node::start);
        assertTrue(
                String.valueOf(refused.getMessage()).contains(inTheWay.toString()),
                refused.getMessage());
        assertFalse(node.status().running());
        assertEquals("1 by signal 9", ended.orTimeout(20, TimeUnit.SECONDS).join());
        assertTrue(Files.readString(console).startsWith("why the last one ended\n"));
    }

    /** It was said to run already, and then ended and stayed down. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void oneThatWasToldToEndIsStartedWhenItHas() throws Exception {
        ClusterDirectory cluster = new ClusterDirectory(directory.resolve("cluster"));
        new ClusterMaker(cluster).make(Plans.alone());
        NodeProcess node =
                new NodeProcess(1, cluster, (id, incarnation, how) -> {}, line -> {}, () -> false);
        node.start();
        long first = node.status().pid();
        ProcessSignals.stop(first); // so that it takes long to end
        node.terminate();
        try {
            Beside<Boolean> start =
                    new Beside<>(() -> {
                        node.start();
                        return true;
                    });
            start.awaitWaitIn(NodeProcess.class);
            ProcessSignals.resume(first);
            start.get();
            assertTrue(node.status().running());
            assertNotEquals(first, node.status().pid());
        } finally {
            node.terminate();
            node.awaitStopped(System.nanoTime());
        }
    }
}
