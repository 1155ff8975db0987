package io.stria.simulator;

import io.stria.dataplane.device.IoOp;
import io.stria.runtime.sim.SimulatedRandom;

/**
 * Another host, which reads what the first one writes, and where two paths are optimized uses the
 * other one: it sees what an owner says who should not.
 */
final class Readers {
    private static final int UNDER_WAY_MAX = 200;

    private final SimulatedCluster cluster;
    private final VolumeHistory history;
    private final LoadConfig config;
    private final Multipath multipath;
    private final SimulatedRandom random;
    private int underWay;
    private boolean stopped;

    Readers(SimulatedCluster cluster, VolumeHistory history, LoadConfig config) {
        this.cluster = cluster;
        this.history = history;
        this.config = config;
        this.multipath = new Multipath(cluster, config.blocksMax(), cluster.nodes().reversed());
        this.random = cluster.simulation().random("readers");
    }

    /** Begins reads without end, whether those before have ended or not. */
    void start() {
        if (!stopped) {
            if (underWay < UNDER_WAY_MAX) {
                read();
            }
            cluster.simulation().after(random.between(0, config.pauseMaxNs()), this::start);
        }
    }

    private void read() {
        underWay++;
        long lba = random.nextLong(config.hotBlocks());
        new HostIo(history, multipath, cluster.config(), IoOp.READ, lba, 1, ended -> underWay--)
                .begin();
    }

    void quiesce(long limitMs) {
        stopped = true;
        cluster.expect(() -> underWay == 0, limitMs, "answers to the second host");
    }
}
