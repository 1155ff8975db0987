package io.stria.control.lease;

/**
 * What one voter has confirmed to leaders. A leader grants leases only for what was asked for
 * before a majority confirmed it, so how long a voter has confirmed no earlier leader tells a new
 * one how old their leases are ({@link FormerLeases}). That needs what this class keeps: once a
 * voter has confirmed a leader, it confirms none before that one, and no other of the same term. Of
 * the processes before it knows only that they have confirmed nobody since its start. Used by one
 * thread.
 */
final class Confirmations {
    static final long REFUSED = -1;

    private long term;
    private int leader;
    private long lastNs;
    private long formerNs;

    /**
     * @param startNs a time at which the voter's process before had ended
     */
    Confirmations(long startNs) {
        lastNs = startNs;
        formerNs = startNs;
    }

    /**
     * A leader asks whether its term is still the voter's newest, and it is.
     *
     * @param nowNs read when the question had arrived
     * @return for how long no earlier leader was confirmed, or {@link #REFUSED}: there must be no
     *     answer
     */
    long confirm(int from, long asked, long nowNs) {
        if (asked < term || (asked == term && from != leader)) {
            return REFUSED;
        }
        if (asked > term) {
            term = asked;
            leader = from;
            formerNs = lastNs;
        }
        lastNs = nowNs;
        return nowNs - formerNs;
    }
}
