package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.Plans;
import io.stria.node.supervise.DirectoryLock;
import io.stria.node.supervise.NodeCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node process that cannot start, as its parent sees it. */
@Timeout(120)
final class NodeMainTest {
    @TempDir private Path parent;
    private ClusterDirectory directory = new ClusterDirectory(Path.of("none"));

    @BeforeEach
    void make() throws IOException {
        directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.alone());
        Files.writeString(directory.clusterFile(), "{}");
    }

    private String said() throws Exception {
        Process node =
                new ProcessBuilder(
                                NodeCommand.ofNode(
                                        directory.path(),
                                        1,
                                        directory.nodeDirectory(1),
                                        Starts.draw()))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, node.waitFor(), said);
        return said;
    }

    /** It read the ids that its devices had before they were made anew under the lock. */
    @Test
    void itReadsNothingBeforeItHasItsLock() throws Exception {
        try (DirectoryLock taken =
                DirectoryLock.take(directory.nodeDirectory(1).resolve("lock"), "node 1")) {
            assertNotNull(taken);
            String said = said();
            assertTrue(said.contains("node 1 runs already"), said);
        }
    }

    /** People read the last line, which was one of a stack trace. */
    @Test
    void theLastThingThatItSaysIsWhyItCannotStart() throws Exception {
        String last = said().lines().toList().getLast();
        assertTrue(last.startsWith(directory.clusterFile() + " is damaged: "), last);
    }
}
