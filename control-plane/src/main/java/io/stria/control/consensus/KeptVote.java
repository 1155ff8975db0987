package io.stria.control.consensus;

import org.apache.ratis.conf.Parameters;

/**
 * The newest term in which this voter has voted for another one and has that on its disk: it comes
 * back to no earlier one, whatever ends its process. Ratis has a term in memory before it writes
 * it, and what it writes may be lost with power ({@link VoterGuard}).
 */
final class KeptVote {
    private static final String KEY = KeptVote.class.getName();

    private volatile long term;

    /** How it gets to what Ratis makes itself. */
    void putInto(Parameters parameters) {
        parameters.put(KEY, this, KeptVote.class);
    }

    static KeptVote in(Parameters parameters) {
        return parameters.getNonNull(KEY, KeptVote.class);
    }

    /** 0 if this process has voted for nobody. */
    long term() {
        return term;
    }

    /** Any thread. */
    synchronized void isDurable(long votedTerm) {
        term = Math.max(term, votedTerm);
    }
}
