package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import java.util.HashMap;
import java.util.Map;

/**
 * Says which voter stands for election when the leader's process is known to have ended, so that
 * nobody waits until its silence has lasted: the first of those that are not known to have ended as
 * well. All are told of an end, and go by the map: where two have different ones, both may stand
 * and split the votes, and the leader's silence starts another election. Whoever is wrong does no
 * harm, an election may begin at any time. Used by one thread.
 */
final class Succession {
    private final int self;

    /** By node, the incarnation of a process that has ended. */
    private final Map<Integer, Long> ended = new HashMap<>();

    Succession(int self) {
        this.self = self;
    }

    /**
     * A process has ended. True if this voter stands now.
     *
     * @param incarnation of the process, see {@link Incarnation#sameProcess}
     * @param leader whom this voter takes for the leader; 0 if nobody
     * @param map with this process in it
     */
    boolean ended(int nodeId, long incarnation, int leader, ClusterMap map) {
        ended.put(nodeId, incarnation);
        return map.node(leader).filter(this::hasEnded).isPresent()
                && map.nodes().stream()
                        .filter(node -> node.voter() && !hasEnded(node))
                        .findFirst()
                        .filter(first -> first.id() == self)
                        .isPresent();
    }

    /** The process that the map knows of, and none after it. */
    private boolean hasEnded(NodeEntry node) {
        Long incarnation = ended.get(node.id());
        return incarnation != null && Incarnation.sameProcess(incarnation, node.incarnation());
    }
}
