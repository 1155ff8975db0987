package io.stria.node;

import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import io.stria.runtime.IdleStrategy;

/**
 * What a node's reactor does when there is nothing to do. It spins for a moment while IO comes
 * fast, since waking up costs more than the pause; but only where every node of this machine could
 * have a CPU to itself and one is left, or they would spin on the time of each other. Idle, it
 * sleeps.
 */
final class IdlePolicy {
    private static final long SPIN_NS = 50_000;

    private IdlePolicy() {}

    /**
     * @param cpus of this machine
     */
    static boolean spins(ClusterFile cluster, ClusterNode node, int cpus) {
        long neighbours =
                cluster.nodes().stream()
                        .filter(other -> other.address().equals(node.address()))
                        .count();
        return cpus > neighbours;
    }

    static IdleStrategy of(NodeConfig config) {
        int cpus = Runtime.getRuntime().availableProcessors();
        return spins(config.cluster(), config.node(), cpus)
                ? IdleStrategy.spinWhileBusy(SPIN_NS)
                : IdleStrategy.sleep();
    }
}
