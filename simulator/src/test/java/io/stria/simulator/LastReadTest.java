package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a run ends, what was lost shows: also where hosts discard it before the last reads. */
@Timeout(300)
class LastReadTest {
    private static final long WRITES = 200;
    private static final long WRITE_MS = 20_000;

    /** Outside of what hosts write often. */
    private static final long BLOCK = 1_499;

    /** Of these seeds some discard the volume in the end, or a part, and some have full devices. */
    @ParameterizedTest
    @ValueSource(longs = {4, 5, 12, 14, 15, 18, 28, 31, 34, 36})
    void aWriteThatNeverHappenedIsMissed(long seed) {
        ClusterConfig config = ClusterConfig.of(seed, 5, new Scheme(2)).withDrawnDisks();
        try (SimulatedCluster cluster = new SimulatedCluster(config, ChunkStores.small())) {
            RandomRun run = new RandomRun(cluster, LoadConfig.standard());
            cluster.startAll();
            run.hosts().start();
            cluster.expect(() -> run.history().writes() >= WRITES, WRITE_MS, "writes");
            run.hosts().quiesce(WRITE_MS);
            BlockHistory block = run.history().block(BLOCK);
            block.acknowledged(block.begin(run.history().newStamp()));
            AssertionError missed = assertThrows(AssertionError.class, run::finish);
            assertTrue(
                    missed.getMessage().startsWith("block " + BLOCK + " reads"),
                    missed::getMessage);
        }
    }
}
