package io.stria.control.lease;

import io.stria.control.consensus.DecisionLog;

/**
 * When a majority last followed this leader, on the leader's own clock. One question is under way
 * at a time; one that is not answered in time is asked again.
 */
final class MajorityContact {
    private final DecisionLog log;
    private final long patienceNs;
    private long contactNs = Long.MIN_VALUE;
    private long askedNs = Long.MIN_VALUE;
    private boolean asking;
    private int question;

    MajorityContact(DecisionLog log, long patienceNs) {
        this.log = log;
        this.patienceNs = patienceNs;
    }

    void clear() {
        contactNs = Long.MIN_VALUE;
        asking = false;
        question++;
    }

    /** Whether a majority followed at this time or later. */
    boolean since(long timeNs) {
        return contactNs >= timeNs;
    }

    void ask(long nowNs) {
        if (asking && nowNs - askedNs < patienceNs) {
            return;
        }
        asking = true;
        askedNs = nowNs;
        int number = ++question;
        log.confirmLeadership(() -> {
            if (number == question) {
                asking = false;
                contactNs = nowNs;
            }
        });
    }
}
