package io.stria.simulator;

import io.stria.runtime.sim.SimulatedRandom;

/**
 * One seed from start to scrub: hosts at work, a dozen faults, an end of all faults, and then
 * everything has to be well again within bounded time.
 */
public final class RandomRun {
    private static final long RECOVERY_MS = 60_000;
    private static final long IO_MS = 40_000;

    private final SimulatedCluster cluster;
    private final HostLoad hosts;
    private final RandomFaults faults;
    private final SimulatedRandom random;

    public RandomRun(SimulatedCluster cluster, LoadConfig load) {
        this.cluster = cluster;
        this.hosts = new HostLoad(cluster, load);
        this.faults = new RandomFaults(cluster);
        this.random = cluster.simulation().random("run");
    }

    public VolumeHistory history() {
        return hosts.history();
    }

    public void run() {
        cluster.startAll();
        hosts.start();
        cluster.runFor(random.between(100, 1_000));
        int acts = 4 + random.nextInt(9);
        for (int i = 0; i < acts; i++) {
            faults.act();
            cluster.runFor(random.between(1, random.nextInt(3) == 0 ? 4_000 : 800));
        }
        faults.end();
        finish();
    }

    /** After all faults: recovery, last reads, scrub. */
    public void finish() {
        cluster.expect(cluster::isWhole, RECOVERY_MS, "all nodes in sync");
        cluster.runFor(300);
        hosts.stop();
        cluster.expect(hosts::isIdle, IO_MS, () -> "answers to " + hosts.underWay());
        cluster.expect(cluster::isWhole, RECOVERY_MS, "all nodes in sync at the end");
        cluster.runFor(500);
        hosts.readAll(IO_MS);
        new Scrub(cluster).run(hosts.history());
    }
}
