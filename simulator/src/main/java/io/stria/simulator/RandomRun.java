package io.stria.simulator;

import io.stria.runtime.sim.SimulatedRandom;

/**
 * One seed from start to scrub: hosts at work, a dozen faults, an end of all faults, and then
 * everything has to be well again within bounded time.
 */
public final class RandomRun {
    private static final long RECOVERY_MS = 60_000;
    private static final long IO_MS = 40_000;
    private static final long GO_ON_MS = 12_000;
    private static final long FEW_WRITES = 20;

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
        if (random.nextInt(3) == 0) {
            loseAtMostTwoAtOnce();
        } else {
            anything();
        }
        finish();
    }

    /** The cluster does without any two nodes, and goes on meanwhile. */
    private void loseAtMostTwoAtOnce() {
        int rounds = 1 + random.nextInt(3);
        for (int round = 0; round < rounds; round++) {
            SimulatedNode one = faults.anyNode();
            SimulatedNode other = faults.anyNode();
            faults.takeAway(one);
            cluster.runFor(random.nextBoolean() ? 0 : random.between(1, 2_000));
            if (other != one) {
                faults.takeAway(other);
            }
            long enough = hosts.history().writes() + FEW_WRITES;
            cluster.expect(
                    () -> hosts.history().writes() >= enough,
                    GO_ON_MS,
                    () -> "writes without nodes " + one.id() + " and " + other.id());
            cluster.runFor(random.between(1, 2_000));
            faults.end();
            cluster.expect(cluster::isWhole, RECOVERY_MS, "all nodes in sync after two were away");
        }
    }

    /** More than any cluster goes on with; only nothing may be lost. */
    private void anything() {
        int acts = 4 + random.nextInt(9);
        for (int i = 0; i < acts; i++) {
            faults.act();
            cluster.runFor(random.between(1, random.nextInt(3) == 0 ? 4_000 : 800));
        }
        faults.end();
    }

    /** After all faults: recovery, last reads, scrub. */
    public void finish() {
        cluster.expect(cluster::isWhole, RECOVERY_MS, "all nodes in sync");
        cluster.runFor(300);
        hosts.quiesce(IO_MS);
        cluster.expect(cluster::isWhole, RECOVERY_MS, "all nodes in sync at the end");
        cluster.runFor(500);
        hosts.readAll(IO_MS);
        new Scrub(cluster).run(hosts.history());
    }
}
