package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens to a cluster, nothing acknowledged is lost and nothing read is un-read. */
@Timeout(300)
class RandomRunTest {
    private static final int SEEDS = Integer.getInteger("stria.simulator.seeds", 20);
    private static final long FIRST = Long.getLong("stria.simulator.first", 1);

    @Test
    void keepsEveryPromiseUnderRandomFaults() {
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            int nodes = seed % 4 == 0 ? 10 : 5;
            Scheme scheme = new Scheme(nodes == 10 && seed % 8 == 0 ? 4 : 2);
            try (SimulatedCluster cluster =
                    new SimulatedCluster(
                            ClusterConfig.of(seed, nodes, scheme),
                            Boolean.getBoolean("plain")
                                    ? PlainStore.opener()
                                    : ChunkStores.small())) {
                RandomRun run = new RandomRun(cluster, LoadConfig.standard());
                try {
                    run.run();
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(
                            "seed " + seed + "\n" + cluster.story() + "\n" + cluster.describe(), e);
                }
                assertTrue(run.history().writes() > 10);
            }
        }
    }
}
