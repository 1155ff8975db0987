package io.stria.simulator;

import io.stria.clustermap.Scheme;
import java.util.function.Consumer;

/** A cluster with hosts for one named scenario; what fails in it is told with its story. */
final class Scene {
    static final long IO_MS = 20_000;
    private static final long RECOVERY_MS = 30_000;
    private static final long FEW_WRITES = 20;

    final SimulatedCluster cluster;
    final HostLoad hosts;
    private long scrubbed;

    private Scene(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.hosts = new HostLoad(cluster, LoadConfig.standard().withPauses(20_000_000));
    }

    static Scene play(long seed, int nodes, Scheme scheme, Consumer<Scene> scenario) {
        return play(seed, nodes, scheme, Seams.NONE, scenario);
    }

    static Scene play(long seed, int nodes, Scheme scheme, Seams seams, Consumer<Scene> scenario) {
        return play(seed, nodes, scheme, ChunkStores.small(), seams, scenario);
    }

    static Scene play(
            long seed,
            int nodes,
            Scheme scheme,
            StoreOpener stores,
            Seams seams,
            Consumer<Scene> scenario) {
        return play(ClusterConfig.of(seed, nodes, scheme), stores, seams, scenario);
    }

    /** Plays it in a cluster where all is well, and ends with recovery, reads and a scrub. */
    static Scene play(
            ClusterConfig config, StoreOpener stores, Seams seams, Consumer<Scene> scenario) {
        try (SimulatedCluster cluster = new SimulatedCluster(config, stores, seams)) {
            Scene scene = new Scene(cluster);
            try {
                cluster.startAll();
                scenario.accept(scene);
                scene.recovers();
                scene.hosts.quiesce(IO_MS);
                scene.hosts.readAll(IO_MS);
                scene.judge(seams == Seams.NONE && stores instanceof ChunkStores);
            } catch (AssertionError | RuntimeException e) {
                String again =
                        "this scenario, seed %d, %d nodes, %s"
                                .formatted(config.seed(), config.nodes(), config.scheme());
                throw new Broken(again, cluster, e);
            }
            return scene;
        }
    }

    /**
     * @param owed nothing stands between the parts of the product: owners had nothing to mend where
     *     no media were touched, and no space is lost
     */
    private void judge(boolean owed) {
        boolean whole = owed && cluster.areMediaWhole();
        if (whole) {
            cluster.runFor(RandomRun.MEND_MS);
            cluster.mended().expectNone();
        }
        if (cluster.story().met().containsKey(Hardship.MOVEMENT)) {
            new OwnerScrub(cluster).run(RandomRun.SCRUB_MS);
        }
        cluster.runFor(Space.SETTLE_MS);
        Space space = new Space(cluster, disk -> false);
        Scrub scrub = new Scrub(cluster);
        scrubbed = scrub.run(hosts.history());
        if (whole) {
            space.expectNoneLost(scrub);
        }
    }

    /** Blocks whose fragments were all found equal to what they have to be, at the end. */
    long scrubbed() {
        return scrubbed;
    }

    SimulatedNode owner() {
        return cluster.owner();
    }

    /** Everything that is down starts, and all is in sync within bounded time. */
    long recovers() {
        cluster.heal();
        return cluster.expect(cluster::isWhole, RECOVERY_MS, "everything in sync");
    }

    /** Hosts get some more writes acknowledged within this time. Returns how long it took. */
    long writesGoOn(long limitMs) {
        long before = hosts.history().writes();
        return cluster.expect(
                () -> hosts.history().writes() >= before + FEW_WRITES, limitMs, "writes going on");
    }

    /** Kills them all at one moment; supervisors may say so. */
    void kill(boolean attested, SimulatedNode... nodes) {
        for (SimulatedNode node : nodes) {
            node.kill();
        }
        if (attested) {
            for (SimulatedNode node : nodes) {
                cluster.attest(node);
            }
        }
    }
}
