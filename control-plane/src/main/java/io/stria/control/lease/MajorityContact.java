package io.stria.control.lease;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * When a majority of voters last followed this leader, on the leader's own clock. A voter that
 * still knows no later term when it is asked has not voted for a later leader before, so that
 * leader is elected after the question, and voters tell it how old that is ({@link FormerLeases}).
 * (A linearizable read of Ratis is no such proof: it is answered without asking anybody when
 * nothing was committed since the read before.)
 */
final class MajorityContact {
    private final Outbox outbox;
    private final long gatherNs;
    private final long patienceNs;
    private final Set<Integer> confirmed = new HashSet<>();
    private int majority = Integer.MAX_VALUE;
    private long contactNs = Long.MIN_VALUE;
    private long askedNs = Long.MIN_VALUE;
    private long wantedNs = Long.MAX_VALUE;
    private long owedSinceNs = Long.MAX_VALUE;
    private boolean asking;
    private long question;

    /**
     * @param gatherNs how long a wish waits for others, so that nodes that renew at about the same
     *     time share a question, its answer, and from then on their rhythm
     * @param patienceNs after this the question is asked again
     */
    MajorityContact(Outbox outbox, long gatherNs, long patienceNs) {
        this.outbox = outbox;
        this.gatherNs = gatherNs;
        this.patienceNs = patienceNs;
    }

    void clear() {
        contactNs = Long.MIN_VALUE;
        wantedNs = Long.MAX_VALUE;
        owedSinceNs = Long.MAX_VALUE;
        asking = false;
        question++;
    }

    /**
     * Somebody who could be granted a lease has asked for it. Said when the request arrives, so
     * that it counts also if the leader gets no further than that.
     */
    void owed(long nowNs) {
        owedSinceNs = Math.min(owedSinceNs, nowNs);
    }

    /** Whether there was no contact for so long though it was owed to somebody. */
    boolean isOverdue(long nowNs, long limitNs) {
        return owedSinceNs <= nowNs - limitNs;
    }

    /** Whether a majority followed at this time or later. */
    boolean since(long timeNs) {
        return contactNs >= timeNs;
    }

    /**
     * Asks soon, unless the question under way will do.
     *
     * @param sinceNs the contact wanted is at this time or later
     */
    void want(long sinceNs, long nowNs) {
        if (!asking || askedNs < sinceNs) {
            wantedNs = Math.min(wantedNs, nowNs);
        }
    }

    /** The same, without waiting for other wishes. */
    void wantAtOnce(long sinceNs, long nowNs) {
        want(sinceNs, nowNs - gatherNs);
    }

    int poll(long nowNs, long term, Collection<Integer> voters) {
        boolean late = asking && nowNs - askedNs >= patienceNs;
        boolean due = wantedNs != Long.MAX_VALUE && nowNs - wantedNs >= gatherNs;
        if (!late && (asking || !due)) {
            return 0;
        }
        asking = true;
        askedNs = nowNs;
        wantedNs = Long.MAX_VALUE;
        question++;
        confirmed.clear();
        majority = voters.size() / 2 + 1;
        voters.forEach(voter -> outbox.send(voter, new Message.Confirm(term, question)));
        return 1;
    }

    long nextPollNs() {
        if (asking) {
            return askedNs + patienceNs;
        }
        return wantedNs == Long.MAX_VALUE ? Long.MAX_VALUE : wantedNs + gatherNs;
    }

    void onConfirmed(int voter, long answered) {
        if (asking && answered == question && confirmed.add(voter)) {
            if (confirmed.size() >= majority) {
                asking = false;
                contactNs = askedNs;
                owedSinceNs = Long.MAX_VALUE;
            }
        }
    }
}
