package io.stria.node;

import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import io.stria.runtime.IdleStrategy;

/**
 * What a node's reactor does when there is nothing to do. It spins for a moment while IO comes
 * fast, since waking up costs more than the pause; but only where every node of this machine could
 * have a CPU to itself and one is left, or they would spin on the time of each other. Idle, it
 * sleeps.
 *
 * <p>The environment variable {@value #VARIABLE} fixes it for the nodes that are started with it:
 * {@code poll} never sleeps, for machines whose cores are given to storage, {@code spin} spins
 * while IO comes fast, however many CPUs it sees, for a node that was given one of its own, {@code
 * sleep} never spins, {@code auto} is as without.
 */
final class IdlePolicy {
    static final String VARIABLE = "STRIA_WAITING";

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
        String word = System.getenv().getOrDefault(VARIABLE, "auto");
        return of(word, spins(config.cluster(), config.node(), cpus));
    }

    /**
     * @param spins where nothing is fixed
     * @throws IllegalArgumentException with a sentence
     */
    static IdleStrategy of(String word, boolean spins) {
        return switch (word) {
            case "auto" -> spins ? IdleStrategy.spinWhileBusy(SPIN_NS) : IdleStrategy.sleep();
            case "spin" -> IdleStrategy.spinWhileBusy(SPIN_NS);
            case "sleep" -> IdleStrategy.sleep();
            case "poll" -> IdleStrategy.busyPoll();
            default ->
                    throw new IllegalArgumentException(
                            "%s is auto, sleep, spin or poll, not '%s'".formatted(VARIABLE, word));
        };
    }
}
