package io.stria.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.control.decisions.Decision;
import io.stria.control.json.Json;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Voters that take part in nothing, on nodes whose devices are as good as ever: all nodes tell.
 * Three of four nodes have voters.
 */
@Timeout(300)
class UnopenedVoterTest {
    /** Below what one entry may have; some of them fill a segment. */
    private static final int LONG_CHARS = 900_000;

    private static final int SEGMENTS = 400;

    @TempDir Path directory;

    private Path log(TestCluster cluster, int node) {
        Path log = directory.resolve("n" + node).resolve(cluster.clusterId.toString());
        return log.resolve("current");
    }

    @Test
    void itsNodeServesOnWithoutIt() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 4, false)) {
            cluster.startAll();
            cluster.awaitHealthy(4);
            TestCluster.await(() -> mayStop(cluster, 2));
            cluster.stop(3);
            Files.delete(log(cluster, 3).resolve("raft-meta"));

            cluster.start(3, false);
            TestCluster.await(() -> hasLease(cluster) && tellsOf(cluster, "raft-meta"));
            nobodyCountsOnIt(cluster);
        }
    }

    /** Its next segment cannot be made, as where there is no room. */
    @Test
    void aNodeWhoseVoterFailsServesOnAndTells() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 4, false)) {
            cluster.startAll();
            cluster.awaitHealthy(4);
            TestCluster.await(() -> mayStop(cluster, 2));
            for (int index = 1; index < SEGMENTS; index++) {
                Path next = log(cluster, 3).resolve("log_inprogress_" + index);
                try {
                    Files.createSymbolicLink(next, directory.resolve("gone").resolve("file"));
                } catch (FileAlreadyExistsException e) {
                    // The segment that is being written, after another leader's beginning.
                }
            }
            for (int i = 0; i < 6; i++) {
                String reason = i + "x".repeat(LONG_CHARS);
                cluster.plane(4).propose(new Decision.FailDevices(List.of(), reason), result -> {});
            }
            TestCluster.await(() -> tellsOf(cluster, "its log has failed"));
            TestCluster.await(() -> hasLease(cluster));
            nobodyCountsOnIt(cluster);
        }
    }

    private static void nobodyCountsOnIt(TestCluster cluster) throws Exception {
        assertTrue(metrics(cluster, 3).contains("stria_voter_failed 1.0"));
        assertTrue(metrics(cluster, 1).contains("stria_voter_failed 0.0"));
        TestCluster.await(() -> isCountedByItsLeader(cluster));
        for (int asked : new int[] {1, 2, 3, 4}) {
            TestCluster.await(() -> tooFewAreLeftWithout(cluster, asked, 1));
            TestCluster.await(() -> tooFewAreLeftWithout(cluster, asked, 2));
            assertFalse(mayStop(cluster, asked, 1), "one of two that are left");
            TestCluster.await(() -> mayStop(cluster, asked, 3)); // its voter is gone as it is
            TestCluster.await(() -> mayStop(cluster, asked, 4));
        }
        TestCluster.await(() -> get(cluster, 4, "/cluster").at("/voters/online").intValue() == 2);
        String body = "{\"name\": \"a\", \"sizeBytes\": 4096, \"scheme\": \"1+2\"}";
        JsonNode made = Json.strict().readTree(cluster.post(4, "/api/v1/volumes", body).body());
        assertEquals(0, made.at("/volume/survives/nodes").intValue(), made.toString());
        assertEquals(2, made.at("/volume/survives/devices").intValue(), made.toString());
    }

    private static boolean isCountedByItsLeader(TestCluster cluster) throws Exception {
        return metrics(cluster, 1).contains("stria_voters_working 2.0")
                || metrics(cluster, 2).contains("stria_voters_working 2.0");
    }

    private static boolean tooFewAreLeftWithout(TestCluster cluster, int asked, int node)
            throws Exception {
        return get(cluster, asked, "/nodes/" + node + "/ok-to-stop")
                .path("reason")
                .asText()
                .contains("since those of nodes [3] are not known to take part");
    }

    private static String metrics(TestCluster cluster, int node) throws Exception {
        return cluster.get(node, "/metrics").body();
    }

    private static JsonNode get(TestCluster cluster, int asked, String path) throws Exception {
        return Json.strict().readTree(cluster.get(asked, "/api/v1" + path).body());
    }

    private static boolean mayStop(TestCluster cluster, int node) throws Exception {
        return mayStop(cluster, 1, node);
    }

    private static boolean mayStop(TestCluster cluster, int asked, int node) throws Exception {
        return get(cluster, asked, "/nodes/" + node + "/ok-to-stop").path("ok").booleanValue();
    }

    private static boolean hasLease(TestCluster cluster) {
        return cluster.plane(3).view().leaseEndNs() > System.nanoTime();
    }

    /** Through whichever node is asked, and in its own words. */
    private static boolean tellsOf(TestCluster cluster, String why) throws Exception {
        for (int asked : new int[] {1, 2, 3, 4}) {
            String told = cluster.get(asked, "/api/v1/cluster").body();
            if (!told.contains("node 3's voter takes part in nothing") || !told.contains(why)) {
                return false;
            }
        }
        return get(cluster, 4, "/nodes").at("/2/voterReason").asText().contains(why);
    }
}
