package io.stria.simulator;

import io.stria.runtime.sim.Latency;
import io.stria.runtime.sim.LinkConfig;
import io.stria.runtime.sim.SimulatedRandom;
import java.util.List;

/** What the seed does to a cluster, one act after the other. */
final class RandomFaults {
    private static final long MS = 1_000_000;
    private static final String[] WAYS = {
        "and does not hear them", "and is not heard", "both ways"
    };

    private final SimulatedCluster cluster;
    private final SimulatedRandom random;

    RandomFaults(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.random = cluster.simulation().random("faults");
    }

    /** One act against one node, or against the network, or the end of some of it. */
    void act() {
        SimulatedNode node = anyNode();
        switch (random.nextInt(14)) {
            case 0, 1 -> killAndPerhapsAttest(node);
            case 2 -> node.powerCut();
            case 3 -> powerCutOfAll();
            case 4, 5, 6 -> startSomeOrAll();
            case 7, 8 -> pauseFor(node, random.between(50, 6_000));
            case 9 -> cut(node);
            case 10, 11 -> healLinks();
            case 12 -> resetConnections();
            default -> worsenNetwork();
        }
    }

    /** One failure of one node, until all faults end. */
    void takeAway(SimulatedNode node) {
        switch (random.nextInt(5)) {
            case 0 -> {
                node.kill();
                cluster.attest(node);
            }
            case 1 -> node.kill();
            case 2 -> node.powerCut();
            case 3 -> node.pause();
            default -> cutOff(node);
        }
    }

    private void cutOff(SimulatedNode node) {
        int kind = random.nextInt(3);
        cluster.story().fault("node " + node.id() + " is cut off, " + WAYS[kind]);
        for (SimulatedNode other : cluster.nodes()) {
            if (other != node && kind != 0) {
                cluster.links().cutOneWay(node.id(), other.id());
            }
            if (other != node && kind != 1) {
                cluster.links().cutOneWay(other.id(), node.id());
            }
        }
    }

    SimulatedNode anyNode() {
        return cluster.node(1 + random.nextInt(cluster.nodes().size()));
    }

    void killAndPerhapsAttest(SimulatedNode node) {
        node.kill();
        if (random.nextBoolean()) {
            cluster.simulation().after(random.between(1, 50) * MS, () -> cluster.attest(node));
        }
        if (random.nextInt(3) == 0) {
            cluster.simulation().after(random.between(1, 3_000) * MS, node::start);
        }
    }

    void powerCutOfAll() {
        cluster.story().tell("power is lost everywhere");
        cluster.nodes().forEach(SimulatedNode::powerCut);
        for (SimulatedNode node : cluster.nodes()) {
            cluster.simulation().after(random.between(1, 1_000) * MS, node::start);
        }
    }

    private void startSomeOrAll() {
        List<SimulatedNode> all = cluster.nodes();
        boolean some = random.nextBoolean();
        for (SimulatedNode node : all) {
            if (!some || random.nextBoolean()) {
                node.start();
            }
        }
    }

    void pauseFor(SimulatedNode node, long ms) {
        node.pause();
        cluster.simulation().after(ms * MS, node::resume);
    }

    /** Both ways or one, from all other nodes or some, from the hosts or not. */
    void cut(SimulatedNode node) {
        int kind = random.nextInt(3);
        boolean all = random.nextBoolean();
        cluster.story()
                .fault(
                        "node %d is cut off from %s others, %s"
                                .formatted(node.id(), all ? "all" : "some", WAYS[kind]));
        for (SimulatedNode other : cluster.nodes()) {
            if (other != node && (all || random.nextBoolean())) {
                if (kind != 0) {
                    cluster.links().cutOneWay(node.id(), other.id());
                }
                if (kind != 1) {
                    cluster.links().cutOneWay(other.id(), node.id());
                }
            }
        }
        if (random.nextInt(3) == 0) {
            cluster.links().cutFromHosts(node.id());
        }
    }

    private void healLinks() {
        cluster.story().tell("all cuts are healed");
        cluster.links().heal();
    }

    private void resetConnections() {
        int count = 1 + random.nextInt(4);
        cluster.story().fault(count + " connections are reset");
        for (int i = 0; i < count; i++) {
            cluster.network().resetAny();
        }
    }

    private void worsenNetwork() {
        if (random.nextBoolean()) {
            cluster.story().tell("the network is well");
            cluster.mail().quality(0, 0);
            cluster.network().links(LinkConfig.dataCentre());
            return;
        }
        cluster.story().fault("the network is slow and loses messages");
        cluster.mail().quality(random.nextDouble() * 0.3, random.nextDouble() * 0.2);
        Latency slow = Latency.uniform(MS, random.between(2, 200) * MS);
        cluster.network()
                .links(
                        LinkConfig.dataCentre()
                                .withLatency(
                                        Latency.exponential(8_000, 15_000)
                                                .sometimes(random.nextDouble() * 0.05, slow))
                                .withLoss(random.nextDouble() * 0.02));
    }

    /** Everything is as at first; processes that are down start. */
    void end() {
        cluster.network().links(LinkConfig.dataCentre());
        cluster.heal();
    }
}
