package io.stria.simulator;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;

/**
 * One seed on one kind of cluster: the run that can be had again.
 *
 * @param lbaBytes size of the logical blocks that hosts read and write
 * @param lulls whether hosts have hardly anything to do for minutes, now and then
 */
public record Trial(long seed, int nodes, Scheme scheme, int lbaBytes, boolean lulls) {
    private static final int SMALL_NODES = 5;
    private static final int LARGE_NODES = 10;

    public Trial(long seed, int nodes, Scheme scheme) {
        this(seed, nodes, scheme, VolumeEntry.LBA_BYTES_DEFAULT, true);
    }

    /** The same with other logical blocks. */
    public Trial withLbaBytes(int bytes) {
        return new Trial(seed, nodes, scheme, bytes, lulls);
    }

    /** The same with hosts that are always at work: for what shows soon or never. */
    public Trial withoutLulls() {
        return new Trial(seed, nodes, scheme, lbaBytes, false);
    }

    /**
     * The kind of cluster that goes with the seed: mostly five nodes, now and then ten, and in one
     * seed of sixteen the widest scheme.
     */
    public static Trial of(long seed) {
        if (Math.floorMod(seed, 4) != 0) {
            return new Trial(seed, SMALL_NODES, new Scheme(Math.floorMod(seed, 5) == 0 ? 1 : 2));
        }
        int data =
                switch (Math.floorMod(seed, 16)) {
                    case 0, 8 -> 4;
                    case 12 -> 8;
                    default -> 2;
                };
        return new Trial(seed, LARGE_NODES, new Scheme(data));
    }

    /** The line that repeats this run. */
    public String command() {
        String line =
                "./stria simulate --seed %d --nodes %d --scheme %s".formatted(seed, nodes, scheme);
        return line
                + (lbaBytes == VolumeEntry.LBA_BYTES_DEFAULT ? "" : " --lba-size " + lbaBytes)
                + (lulls ? "" : " --no-lulls");
    }

    public Outcome run() {
        return run(ChunkStores.small(), Seams.NONE, false);
    }

    /**
     * @param echo prints the story as it happens
     * @throws Broken when a promise is broken
     */
    public Outcome run(StoreOpener stores, Seams seams, boolean echo) {
        ClusterConfig config =
                ClusterConfig.of(seed, nodes, scheme, lbaBytes).withDrawnOwner().withDrawnDisks();
        try (SimulatedCluster cluster = new SimulatedCluster(config, stores, seams)) {
            cluster.story().echo(echo);
            RandomRun run = new RandomRun(cluster, LoadConfig.standard());
            if (!lulls) {
                run.withoutLulls();
            }
            try {
                run.run();
            } catch (AssertionError | RuntimeException e) {
                throw new Broken(command(), cluster, e);
            }
            return Outcome.of(cluster, run.history());
        }
    }
}
