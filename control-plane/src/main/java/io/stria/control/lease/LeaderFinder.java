package io.stria.control.lease;

import io.stria.control.consensus.DecisionLog.Leader;
import java.util.Collection;

/** Which node leads, found by asking all of them; a leader that does not answer is given up. */
final class LeaderFinder {
    private final Outbox outbox;
    private final long askEveryNs;
    private final long answerNs;
    private Leader leader = Leader.UNKNOWN;
    private Leader givenUp = Leader.UNKNOWN;
    private long nextAskNs = Long.MIN_VALUE;
    private long waitingSinceNs = Long.MAX_VALUE;

    LeaderFinder(Outbox outbox, LeaseConfig config) {
        this.outbox = outbox;
        askEveryNs = config.askEveryNs();
        answerNs = config.answerNs();
    }

    Leader leader() {
        return leader;
    }

    /** Sends to the leader and expects to hear of it; false if nobody is known to lead. */
    boolean send(Message message, long nowNs) {
        if (leader.nodeId() == 0) {
            return false;
        }
        if (waitingSinceNs == Long.MAX_VALUE) {
            waitingSinceNs = nowNs;
        }
        outbox.send(leader.nodeId(), message);
        return true;
    }

    /** True when a new leader is believed. */
    boolean onLeads(int from, Message.Leads leads) {
        if (leads.nodeId() == 0) {
            if (from == leader.nodeId()) {
                forget();
            }
            return false;
        }
        Leader named = new Leader(leads.term(), leads.nodeId());
        boolean hearsay = named.equals(givenUp) && from != named.nodeId();
        boolean news = !hearsay && (named.term() > leader.term() || leader.nodeId() == 0);
        if (news) {
            leader = named;
            waitingSinceNs = Long.MAX_VALUE;
        } else if (from == leader.nodeId() && leads.nodeId() != from) {
            forget();
        }
        return news;
    }

    /** Something came that only a leader of this term sends. */
    void heard(int from, long term) {
        if (term >= leader.term()) {
            leader = new Leader(term, from);
            waitingSinceNs = Long.MAX_VALUE;
        }
    }

    /** The way to this node is closed just now. */
    void unreachable(int nodeId) {
        if (nodeId == leader.nodeId()) {
            forget();
        }
    }

    int poll(long nowNs, Collection<Integer> members) {
        if (leader.nodeId() != 0 && nowNs - answerNs >= waitingSinceNs) {
            forget();
        }
        if (leader.nodeId() != 0 || nowNs < nextAskNs) {
            return 0;
        }
        nextAskNs = nowNs + askEveryNs;
        members.forEach(member -> outbox.send(member, new Message.WhoLeads()));
        return 1;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextPollNs() {
        if (leader.nodeId() == 0) {
            return nextAskNs;
        }
        return waitingSinceNs == Long.MAX_VALUE ? Long.MAX_VALUE : waitingSinceNs + answerNs;
    }

    private void forget() {
        givenUp = leader;
        leader = Leader.UNKNOWN;
        waitingSinceNs = Long.MAX_VALUE;
    }
}
