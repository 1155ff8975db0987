package io.stria.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose voter has lost what it promised; its devices are as good as ever. */
class UnopenedVoterTest {
    @TempDir Path directory;

    @Test
    void itsNodeServesOnWithoutIt() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 4, false)) {
            cluster.startAll();
            cluster.awaitHealthy(4);
            cluster.stop(3);
            Path log = directory.resolve("n3").resolve(cluster.clusterId.toString());
            Files.delete(log.resolve("current").resolve("raft-meta"));

            cluster.start(3, false);
            cluster.awaitHealthy(1);
            TestCluster.await(() -> hasLease(cluster) && saysWhy(cluster));
            String metrics = cluster.get(3, "/metrics").body();
            assertTrue(metrics.contains("stria_voter_failed 1.0"), metrics);
            assertTrue(cluster.get(1, "/metrics").body().contains("stria_voter_failed 0.0"));
        }
    }

    private static boolean hasLease(TestCluster cluster) {
        return cluster.plane(3).view().leaseEndNs() > System.nanoTime();
    }

    private static boolean saysWhy(TestCluster cluster) throws Exception {
        String answer = cluster.get(3, "/api/v1/cluster").body();
        return answer.contains("this node's voter takes part in nothing")
                && answer.contains("raft-meta");
    }
}
