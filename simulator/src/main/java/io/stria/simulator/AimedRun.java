package io.stria.simulator;

import io.stria.runtime.sim.Latency;
import io.stria.runtime.sim.LinkConfig;
import io.stria.runtime.sim.SimulatedRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * One seed whose faults aim at the node that leads and the one that owns the volume, for as long as
 * leases last: what random faults seldom meet. Clocks run as fast and as slow as they may.
 */
public final class AimedRun {
    private static final long RECOVERY_MS = 60_000;
    private static final long MS = 1_000_000;

    /** What all of a run's faults aim at. */
    private enum Aim {
        ANYTHING,

        /** Owners come back just when they are being declared down. */
        LATE_RETURNS,

        /** Stores go again when they are about to be in sync, and what is proposed comes late. */
        LATE_PROPOSALS
    }

    /** Hosts of some runs give up what stores that are cut off hold back. */
    private static final int IMPATIENT_ONE_IN = 3;

    private static final long IMPATIENT_MS = 700;

    /** Within this time a disk has something to do. */
    private static final long AT_WORK_MS = 300;

    private final SimulatedCluster cluster;
    private final HostLoad hosts;
    private final Readers readers;
    private final RandomRun end;
    private final SimulatedRandom random;

    /** That nodes stand still which do not. */
    private final SimulatedRandom falseWords;

    private Aim aim = Aim.ANYTHING;
    private int round;

    private AimedRun(SimulatedCluster cluster) {
        this.cluster = cluster;
        LoadConfig load = LoadConfig.standard().withPauses(20_000_000);
        this.end = new RandomRun(cluster, load);
        this.hosts = end.hosts();
        this.readers = new Readers(cluster, hosts.history(), load);
        this.random = cluster.simulation().random("aim");
        this.falseWords = cluster.simulation().random("false words");
    }

    /**
     * @throws Broken when a promise is broken
     */
    public static Outcome play(long seed) {
        return play(seed, Aim.ANYTHING);
    }

    /**
     * The same, but all that happens is that owners come back just when they are being declared
     * down, which takes long.
     */
    public static Outcome playLateReturns(long seed) {
        return play(seed, Aim.LATE_RETURNS);
    }

    /** The same, but what owners say of stores that come back is decided when they have gone. */
    public static Outcome playLateProposals(long seed) {
        return play(seed, Aim.LATE_PROPOSALS);
    }

    private static Outcome play(long seed, Aim aim) {
        Trial trial = Trial.of(seed);
        ClusterConfig config = ClusterConfig.of(seed, trial.nodes(), trial.scheme());
        if (Math.floorMod(seed, IMPATIENT_ONE_IN) == 0) {
            config = config.withHostWait(IMPATIENT_MS);
        }
        try (SimulatedCluster cluster = new SimulatedCluster(config, ChunkStores.small())) {
            AimedRun run = new AimedRun(cluster);
            run.aim = aim;
            try {
                run.run();
            } catch (AssertionError | RuntimeException e) {
                throw new Broken("the aimed run of seed " + seed, cluster, e);
            }
            return Outcome.of(cluster, run.hosts.history());
        }
    }

    private void run() {
        cluster.startAll();
        hosts.start();
        readers.start();
        cluster.runFor(random.between(100, 600));
        int rounds = 2 + random.nextInt(3);
        for (int i = 0; i < rounds; i++) {
            setClocks();
            strike();
            cluster.runFor(random.between(50, random.nextBoolean() ? 1_500 : 5_000));
            if (random.nextInt(3) == 0) {
                strike();
                cluster.runFor(random.between(50, 3_500));
            }
            round++;
            cluster.network().links(LinkConfig.dataCentre());
            cluster.heal();
            if (random.nextBoolean()) {
                cluster.expect(cluster::isWhole, RECOVERY_MS, "all in sync after an aimed fault");
            } else {
                cluster.runFor(random.between(1, 700)); // the next one comes during recovery
            }
        }
        cluster.heal();
        cluster.expect(cluster::isWhole, RECOVERY_MS, "all in sync after aimed faults");
        readers.quiesce(RECOVERY_MS);
        end.finish();
    }

    private void setClocks() {
        int most = cluster.config().driftPpmMax();
        for (SimulatedNode node : cluster.nodes()) {
            node.host().clockDriftPpm(random.nextBoolean() ? most : -most);
        }
    }

    private void strike() {
        SimulatedNode owner = cluster.owner();
        SimulatedNode other = cluster.node(1 + random.nextInt(cluster.nodes().size()));
        if (aim == Aim.LATE_RETURNS) {
            slowDecisions();
            owner.pause();
            later(random.between(1_500, 2_700), owner::resume);
            cluster.runFor(3_000);
            return;
        }
        if (aim == Aim.LATE_PROPOSALS) {
            goesAndComesAgain(other);
            return;
        }
        SimulatedNode leader = cluster.leader().orElse(owner);
        if (falseWords.nextInt(6) == 0) {
            later(falseWords.between(1, 3_000), () -> cluster.standstills().say(leader));
        }
        if (random.nextInt(5) == 0) {
            slowDecisions();
        }
        switch (random.nextInt(22)) {
            case 0 -> island(List.of(owner));
            case 1 -> island(List.of(leader));
            case 2, 3 -> island(owner == leader ? List.of(owner, other) : List.of(owner, leader));
            case 4 -> {
                leader.kill();
                if (owner != leader) {
                    island(List.of(owner));
                }
            }
            case 5 -> standStill(owner);
            case 6 -> standStill(leader);
            case 7 -> {
                island(List.of(owner));
                later(random.between(1, 3_000), owner::powerCut);
            }
            case 8, 9 -> ownerEndsBeside(List.of(other));
            case 10 -> ownerEndsBeside(owner == leader ? List.of(other) : List.of(leader, other));
            case 11 -> ownerComesBackTooLate(owner);
            case 12 -> breakConnections();
            case 13, 14, 15 -> lightsOut();
            case 16 -> slowStores();
            case 17 -> standStill(other);
            case 18, 19 -> controlStandsStill(owner);
            case 20 -> controlStandsStill(other);
            default -> {
                // Its first process ends at work and is attested late, when the second one runs.
                cluster.run(owner::isDiskAtWork, AT_WORK_MS);
                owner.kill();
                long ended = owner.lastIncarnation();
                owner.start();
                later(random.between(200, 3_000), () -> cluster.attestEnded(owner, ended));
            }
        }
    }

    /**
     * An owner begins as soon as those who hear nothing of it have no lease any more, and they come
     * back at about that time.
     */
    private void ownerEndsBeside(List<SimulatedNode> inside) {
        SimulatedNode owner = cluster.owner();
        island(inside);
        long backMs = random.between(1_200, 3_200);
        later(
                backMs,
                () -> {
                    cluster.story().tell("all cuts are healed");
                    cluster.links().heal();
                });
        if (!inside.contains(owner)) {
            later(
                    random.between(1, 1_500),
                    () -> {
                        owner.kill();
                        long ended = owner.lastIncarnation();
                        for (int i = 1; i < 10; i++) {
                            later(i * 200L, () -> cluster.attestEnded(owner, ended, inside));
                        }
                    });
        }
    }

    /** Again and again its process ends when its stores have hardly come back. */
    private void goesAndComesAgain(SimulatedNode node) {
        cluster.story().fault("messages about decisions are lost and late");
        cluster.mail().quality(0.2, 0.4);
        for (int times = 3 + random.nextInt(4); times > 0; times--) {
            node.kill();
            cluster.attest(node);
            cluster.runFor(random.between(50, 900));
            node.start();
            cluster.runFor(random.between(200, 2_500));
        }
    }

    /** It stands still until another one serves, or nearly so, with commands on their way. */
    private void ownerComesBackTooLate(SimulatedNode owner) {
        owner.pause();
        later(random.between(1_800, 3_600), owner::resume);
    }

    /**
     * Writes are left half done everywhere; one or two nodes are not there to say what they had.
     */
    private void lightsOut() {
        cluster.story().fault("power is lost everywhere");
        cluster.nodes().forEach(SimulatedNode::powerCut);
        int away = random.nextInt(3);
        for (SimulatedNode node : cluster.nodes()) {
            boolean stays = away > 0 && random.nextInt(cluster.nodes().size() - 1) < 2;
            if (stays) {
                away--;
            } else {
                later(random.between(1, 300), node::start);
            }
        }
    }

    /** What is sent to some takes much longer than to others. */
    private void slowStores() {
        cluster.story().fault("the network is slow now and then");
        Latency slow = Latency.uniform(MS, 150 * MS);
        cluster.network()
                .links(
                        LinkConfig.dataCentre()
                                .withLatency(
                                        Latency.exponential(8_000, 15_000).sometimes(0.1, slow)));
    }

    /** Owners attach anew while commands of before are under way. */
    private void breakConnections() {
        for (int i = 0; i < 40; i++) {
            later(random.between(1, 1_500), () -> cluster.network().resetAny());
        }
    }

    /** Its data plane goes on without a word of its own control plane, until its lease ends. */
    private void controlStandsStill(SimulatedNode node) {
        cluster.story().fault("the control plane of node " + node.id() + " stands still");
        cluster.mail().hush(node.id());
        cluster.runFor(random.between(1_800, 2_600));
        later(random.between(0, 3_000), () -> cluster.mail().unhush(node.id()));
    }

    /** What is proposed is decided late, while messages about leases are as fast as ever. */
    private void slowDecisions() {
        cluster.story().fault("decisions are slow");
        cluster.consensus().slowBy(random.between(20, 250) * MS);
    }

    private void standStill(SimulatedNode node) {
        node.pause();
        later(random.between(100, 6_000), node::resume);
    }

    /** Unless all faults have ended by then. */
    private void later(long ms, Runnable act) {
        int of = round;
        cluster.simulation()
                .after(
                        ms * MS,
                        () -> {
                            if (round == of) {
                                act.run();
                            }
                        });
    }

    /** These and the others hear nothing of each other; hosts reach all, mostly. */
    private void island(List<SimulatedNode> inside) {
        List<SimulatedNode> distinct = new ArrayList<>();
        inside.stream().distinct().forEach(distinct::add);
        cluster.story()
                .fault("cut off together: " + distinct.stream().map(SimulatedNode::id).toList());
        int ways = random.nextInt(4);
        for (SimulatedNode one : distinct) {
            for (SimulatedNode other : cluster.nodes()) {
                if (!distinct.contains(other)) {
                    if (ways != 1) {
                        cluster.links().cutOneWay(one.id(), other.id());
                    }
                    if (ways != 2) {
                        cluster.links().cutOneWay(other.id(), one.id());
                    }
                }
            }
            if (random.nextInt(5) == 0) {
                cluster.links().cutFromHosts(one.id());
            }
        }
    }
}
