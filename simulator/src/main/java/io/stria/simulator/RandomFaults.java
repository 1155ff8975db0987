package io.stria.simulator;

import io.stria.runtime.sim.Latency;
import io.stria.runtime.sim.LinkConfig;
import io.stria.runtime.sim.SimulatedRandom;
import java.util.List;

/** What the seed does to a cluster, one act after the other. */
final class RandomFaults {
    private static final long MS = 1_000_000;
    private static final long YEARS_MS = 300_000_000_000L;
    private static final String[] WAYS = {
        "and does not hear them", "and is not heard", "both ways"
    };

    private final SimulatedCluster cluster;
    private final SimulatedRandom random;
    private final FaultBudget budget;
    private final DeviceFaults devices;
    private boolean ended;

    RandomFaults(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.random = cluster.simulation().random("faults");
        this.budget = new FaultBudget(cluster);
        this.devices = new DeviceFaults(cluster, budget);
    }

    /** See {@link DeviceFaults#areMediaWhole}. */
    boolean areMediaWhole() {
        return devices.areMediaWhole();
    }

    FaultBudget budget() {
        return budget;
    }

    /** One act, or the end of one, after which the cluster has to serve. */
    void actWithinBudget() {
        ended = false;
        SimulatedNode node = anyNode();
        SimulatedNode.Disk disk = devices.anyOf(node);
        int act = random.nextInt(22);
        if (act < 8 && budget.bears(node)) {
            loseForAWhile(node, disk, act);
        } else if (act >= 8 && act < 12 && budget.bears(node, disk)) {
            devices.trouble(node, disk);
        } else if (act >= 12 && act < 15 && budget.bears(node, disk)) {
            devices.damage(node, disk);
        } else if (act == 15) {
            powerCutOfAll();
        } else if (act == 16) {
            setClocks(node);
        } else if (act == 17) {
            resetConnections();
        } else if (act >= 20 && budget.bears(node)) {
            devices.rollBack(node, disk);
        } else {
            mend(node);
        }
    }

    private void loseForAWhile(SimulatedNode node, SimulatedNode.Disk disk, int act) {
        switch (act) {
            case 0, 1 -> killAndPerhapsAttest(node);
            case 2 -> node.powerCut();
            case 3 -> pauseFor(node, random.between(50, 6_000));
            case 4, 6 -> cutOff(node);
            case 5 -> flap(node);
            default -> {
                if (node.disks().stream().noneMatch(budget::isDamaged)) {
                    devices.wipe(node, disk);
                }
            }
        }
    }

    /** Whatever is wrong with the node ends, as far as that disturbs no more than may be. */
    private void mend(SimulatedNode node) {
        if (!node.isWell()) {
            cluster.links().heal();
            node.resume();
            node.start();
            budget.disturbed(node, 0);
            return;
        }
        for (SimulatedNode.Disk disk : node.disks()) {
            if (!node.isWell(disk) && budget.bears(node)) {
                if (!budget.isDamaged(disk)) {
                    devices.repair(node, disk);
                } else if (budget.isBehind(disk)) {
                    devices.replace(node, disk);
                }
                node.start();
            } else if (budget.isDamaged(disk) && budget.bears(node)) {
                if (node.disks().stream().allMatch(each -> each == disk || node.isWell(each))) {
                    devices.wipe(node, disk); // a node without any device does not start
                }
                return;
            }
        }
    }

    /** Wall clocks say anything; monotonic ones run within the stated bound. */
    private void setClocks(SimulatedNode node) {
        if (random.nextBoolean()) {
            node.setWallClockWrong(random.between(-YEARS_MS, YEARS_MS));
        } else {
            int bound = cluster.config().driftPpmMax();
            node.setDrift(random.between(-bound, bound));
        }
    }

    /** Its ways to some others break and heal again and again. */
    private void flap(SimulatedNode node) {
        int times = 2 + random.nextInt(12);
        long periodMs = random.between(20, 600);
        cluster.story()
                .fault(
                        "the ways of node %d break and heal %d times, %d ms each"
                                .formatted(node.id(), times, periodMs));
        budget.disturbed(node, times * 2 * periodMs * MS);
        List<SimulatedNode> others =
                cluster.nodes().stream()
                        .filter(other -> other != node && random.nextBoolean())
                        .toList();
        boolean bothWays = random.nextBoolean();
        for (int i = 0; i < times; i++) {
            cluster.simulation()
                    .after(2L * i * periodMs * MS, () -> flip(node, others, bothWays, true));
            cluster.simulation()
                    .after((2L * i + 1) * periodMs * MS, () -> flip(node, others, bothWays, false));
        }
    }

    private void flip(
            SimulatedNode node, List<SimulatedNode> others, boolean bothWays, boolean cut) {
        if (ended) {
            return;
        }
        if (cut && !others.isEmpty()) {
            cluster.story().met(Hardship.FLAP);
        }
        for (SimulatedNode other : others) {
            cluster.links().oneWay(node.id(), other.id(), cut);
            if (bothWays) {
                cluster.links().oneWay(other.id(), node.id(), cut);
            }
        }
    }

    /** One act against one node, or against the network, or the end of some of it. */
    void act() {
        ended = false;
        SimulatedNode node = anyNode();
        SimulatedNode.Disk disk = devices.anyOf(node);
        switch (random.nextInt(20)) {
            case 0, 1 -> killAndPerhapsAttest(node);
            case 2 -> node.powerCut();
            case 3 -> powerCutOfAll();
            case 4, 5, 6 -> startSomeOrAll();
            case 7, 8 -> pauseFor(node, random.between(50, 6_000));
            case 9 -> cut(node);
            case 10, 11 -> healLinks();
            case 12 -> resetConnections();
            case 13 -> setClocks(node);
            case 14 -> flap(node);
            case 15, 16, 17 -> devices.trouble(node, disk);
            case 18 -> devices.repair(node, disk);
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
        cluster.story().met(Hardship.CUT);
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
        cluster.story().fault("power is lost everywhere");
        cluster.story().met(Hardship.POWER_CUT_OF_ALL);
        cluster.nodes().forEach(node -> budget.disturbed(node, 1_000 * MS));
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
        budget.disturbed(node, ms * MS);
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
        cluster.story().met(Hardship.CUT);
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
        cluster.story().met(Hardship.RESET);
        for (int i = 0; i < count; i++) {
            cluster.network().resetAny();
        }
    }

    private void worsenNetwork() {
        if (random.nextBoolean()) {
            cluster.story().tell("the network is well");
            cluster.mail().quality(0, 0);
            cluster.consensus().lose(0);
            cluster.network().links(LinkConfig.dataCentre());
            return;
        }
        cluster.story().fault("the network is slow and loses messages");
        cluster.story().met(Hardship.BAD_NETWORK);
        double loss = random.nextDouble() * 0.3;
        cluster.mail().quality(loss, random.nextDouble() * 0.2);
        cluster.consensus().lose(loss);
        Latency slow = Latency.uniform(MS, random.between(2, 200) * MS);
        cluster.network()
                .links(
                        LinkConfig.dataCentre()
                                .withLatency(
                                        Latency.exponential(8_000, 15_000)
                                                .sometimes(random.nextDouble() * 0.05, slow))
                                .withLoss(random.nextDouble() * 0.02));
    }

    /**
     * Everything is as at first, but for damaged devices; processes that are down start, and those
     * that gave a device up start anew.
     */
    void end() {
        ended = true;
        for (SimulatedNode node : cluster.nodes()) {
            for (SimulatedNode.Disk disk : node.disks()) {
                if (!budget.isDamaged(disk) || !node.doesAllItIsAsked(disk)) {
                    devices.repair(node, disk);
                }
            }
        }
        cluster.network().links(LinkConfig.dataCentre());
        cluster.heal();
    }

    /** Every damaged device is empty, one after the other, and its node does without it. */
    void wipeDamaged() {
        for (SimulatedNode node : cluster.nodes()) {
            for (SimulatedNode.Disk disk : node.disks()) {
                if (budget.isDamaged(disk)) {
                    devices.wipe(node, disk);
                }
            }
        }
    }

    /** Damaged devices whose slots everybody knows to be behind are replaced by empty ones. */
    void replaceDamaged() {
        for (SimulatedNode node : cluster.nodes()) {
            for (SimulatedNode.Disk disk : node.disks()) {
                if (budget.isDamaged(disk)) {
                    devices.replace(node, disk);
                }
            }
            node.start();
        }
    }

    /** Damaged devices that their nodes refuse. */
    boolean isAnyRefused() {
        return cluster.nodes().stream()
                .anyMatch(node ->
                        node.disks().stream()
                                .anyMatch(disk -> budget.isDamaged(disk) && node.isWithout(disk)));
    }
}
