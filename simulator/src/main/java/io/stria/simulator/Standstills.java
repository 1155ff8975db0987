package io.stria.simulator;

import io.stria.runtime.sim.SimulatedRandom;

/**
 * What supervisors say of nodes that stand still: mostly the truth, and in time, and to most of the
 * others. Some words come late, when the node may have gone on, some twice, and some are of an
 * earlier registration.
 */
final class Standstills {
    private static final long MS = 1_000_000;

    private final SimulatedCluster cluster;
    private final SimulatedRandom random;

    Standstills(SimulatedCluster cluster) {
        this.cluster = cluster;
        random = cluster.simulation().random("standstills");
    }

    /** The node stands still from now on, and its supervisor goes on, if it has one. */
    void begins(SimulatedNode node) {
        long noticedMs = random.between(400, 600);
        if (random.nextInt(4) != 0) {
            cluster.simulation()
                    .after(
                            noticedMs * MS,
                            () -> {
                                if (node.isPaused()) {
                                    say(node);
                                }
                            });
        }
    }

    /** Also of a node that does not stand still. */
    void say(SimulatedNode node) {
        NodeProcess process = node.processOrNull();
        if (process == null || process.incarnation() == 0) {
            return;
        }
        cluster.story().tell("node %d is said to stand still".formatted(node.id()));
        boolean isOld = random.nextInt(8) == 0;
        long said = process.incarnation() - (isOld ? 1L << random.nextInt(20) : 0);
        for (SimulatedNode other : cluster.nodes()) {
            int copies = random.nextInt(8) == 0 ? 2 : random.nextInt(8) == 0 ? 0 : 1;
            for (int i = 0; other != node && i < copies; i++) {
                long delayMs = random.nextInt(8) == 0 ? random.between(1, 6_000) : 1;
                cluster.simulation().after(delayMs * MS, () -> hear(other, node.id(), said));
            }
        }
    }

    private static void hear(SimulatedNode other, int nodeId, long incarnation) {
        NodeProcess process = other.processOrNull();
        if (process != null) {
            process.hearStandstill(nodeId, incarnation);
        }
    }
}
