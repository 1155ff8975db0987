package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.consensus.DecisionLog.Leader;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Says which voter stands for election when the leader's process is known to have ended, or to
 * stand still, so that nobody waits until its silence has lasted: the first of those of which
 * neither is known, and that are online if any is. All are told, and go by the map: where two have
 * different ones, or one goes on that the others take to stand still, both may stand and split the
 * votes, and the leader's silence starts another election. Whoever is wrong does no harm, an
 * election may begin at any time; nothing else follows from a standstill, above all not for leases.
 * Used by one thread.
 */
final class Succession {
    /**
     * By then a process that went on standing still was declared down, also if the next leader had
     * to be elected before, and wait.
     */
    static final long STANDSTILL_NS = 4_000_000_000L;

    /** No node has this number. */
    private static final int NOBODY = -1;

    private record Standstill(long incarnation, long saidNs) {}

    private final int self;

    /** By node, the incarnation of a process that has ended. */
    private final Map<Integer, Long> ended = new HashMap<>();

    /** By node, the last one that it was said to be in. */
    private final Map<Integer, Standstill> standstills = new HashMap<>();

    private Leader stoodFor = Leader.UNKNOWN;
    private long stoodNs;

    /** An end is certain where a standstill is a hint, so for an end one stands once more. */
    private boolean stoodForEnded;

    Succession(int self) {
        this.self = self;
    }

    /**
     * A process has ended. True if this voter stands now.
     *
     * @param incarnation of the process, see {@link Incarnation#sameProcess}
     * @param leader whom this voter takes for the leader
     * @param map with this process in it
     */
    boolean ended(int nodeId, long incarnation, Leader leader, ClusterMap map, long nowNs) {
        ended.put(nodeId, incarnation);
        return standsNow(leader, map, nowNs);
    }

    /**
     * A process stands still. True if this voter stands now: once at most for a leader and its
     * term, as long as the word is new.
     *
     * @param incarnation that the process has registered as: the word is void for what it registers
     *     as later, which shows that it has gone on
     */
    boolean standsStill(int nodeId, long incarnation, Leader leader, ClusterMap map, long nowNs) {
        if (nodeId == self) {
            return false;
        }
        standstills.put(nodeId, new Standstill(incarnation, nowNs));
        return standsNow(leader, map, nowNs);
    }

    private boolean standsNow(Leader leader, ClusterMap map, long nowNs) {
        Optional<NodeEntry> led = map.node(leader.nodeId()).filter(node -> isGone(node, nowNs));
        boolean again = leader.equals(stoodFor) && nowNs - stoodNs < STANDSTILL_NS;
        boolean stands =
                led.isPresent()
                        && (!again || (hasEnded(led.get()) && !stoodForEnded))
                        && successor(map, nowNs) == self;
        if (stands) {
            stoodFor = leader;
            stoodNs = nowNs;
            stoodForEnded = hasEnded(led.get());
        }
        return stands;
    }

    private int successor(ClusterMap map, long nowNs) {
        return map.nodes().stream()
                .filter(node -> node.voter() && !isGone(node, nowNs))
                .min(Comparator.comparing(node -> node.state() != NodeState.ONLINE))
                .map(NodeEntry::id)
                .orElse(NOBODY);
    }

    private boolean isGone(NodeEntry node, long nowNs) {
        return hasEnded(node) || standsStill(node, nowNs);
    }

    /** The process that the map knows of, and none after it. */
    private boolean hasEnded(NodeEntry node) {
        Long incarnation = ended.get(node.id());
        return incarnation != null && Incarnation.sameProcess(incarnation, node.incarnation());
    }

    private boolean standsStill(NodeEntry node, long nowNs) {
        Standstill said = standstills.get(node.id());
        return said != null
                && said.incarnation() == node.incarnation()
                && nowNs - said.saidNs() < STANDSTILL_NS;
    }
}
