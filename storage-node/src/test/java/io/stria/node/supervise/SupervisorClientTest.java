package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.Plans;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SupervisorClientTest {
    @TempDir private Path directory;

    private static String refusal(ClusterDirectory cluster) {
        ClusterException refused =
                assertThrows(ClusterException.class, () -> SupervisorClient.of(cluster));
        return String.valueOf(refused.getMessage());
    }

    /** People were sent to `up`, which sent them to `down`. */
    @Test
    void nodesWithoutTheirSupervisorAreTold() throws IOException {
        ClusterDirectory cluster = new ClusterDirectory(directory.resolve("cluster"));
        new ClusterMaker(cluster).make(Plans.alone());
        assertTrue(refusal(cluster).contains("`stria up --dir"), refusal(cluster));

        Files.write(
                cluster.nodeDirectory(1).resolve(NodeProcess.PID_FILE),
                Json.write(ProcessId.current()));
        assertTrue(
                refusal(cluster)
                        .startsWith("1 node processes of " + cluster.path() + " run without"),
                refusal(cluster));
        assertTrue(refusal(cluster).contains("`stria down --dir"), refusal(cluster));
    }
}
