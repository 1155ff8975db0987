package io.stria.control.lease;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Says which voter stands for election when the leader's process is known to have ended, so that
 * nobody waits until its silence has lasted: the first of those that are not known to have ended as
 * well. All are told of an end, and no two of them may stand at one moment: they would split the
 * votes. Whoever is wrong does no harm, an election may begin at any time. Used by one thread.
 */
final class Succession {
    private final int self;
    private final Set<Integer> ended = new HashSet<>();

    Succession(int self) {
        this.self = self;
    }

    /**
     * A node's process has ended. True if this voter stands now.
     *
     * @param leader whom this voter takes for the leader; 0 if nobody
     */
    boolean ended(int nodeId, int leader, Collection<Integer> voters) {
        ended.add(nodeId);
        return ended.contains(leader)
                && voters.stream()
                                .filter(voter -> !ended.contains(voter))
                                .min(Integer::compare)
                                .orElse(0)
                        == self;
    }

    /** A process of the node is there again. */
    void heard(int nodeId) {
        ended.remove(nodeId);
    }
}
