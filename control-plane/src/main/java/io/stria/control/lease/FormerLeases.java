package io.stria.control.lease;

import java.util.HashMap;
import java.util.Map;

/**
 * When the leases that leaders before have granted, or will, have certainly ended, by what voters
 * say of their {@link Confirmations} to a leader that they confirm. Each such lease was asked for
 * before a majority confirmed its leader. In any majority of voters there is one of those; it has
 * confirmed that leader before it confirmed this one, and never does again, unless it may come back
 * to an earlier term: then it tells of no silence. Silence was counted on its clock and goes on on
 * this one; both run fast by no more than {@link LeaseConfig} has time for, and so does what is
 * counted on one after the other.
 */
final class FormerLeases {
    private final long longestNs;

    /** By voter, the end of the leases that it has confirmed. */
    private final Map<Integer, Long> endsNs = new HashMap<>();

    FormerLeases(long longestNs) {
        this.longestNs = longestNs;
    }

    void clear() {
        endsNs.clear();
    }

    /**
     * A voter confirms this leader.
     *
     * @param quietNs for how long it had confirmed none before; whatever it says, a lease has not
     *     ended before this
     * @param nowNs read when the answer had arrived
     */
    void onConfirmed(int voter, long quietNs, long nowNs) {
        endsNs.merge(voter, nowNs + longestNs - Math.clamp(quietNs, 0, longestNs), Math::min);
    }

    /**
     * Which of a majority it was that confirmed a lease is not known, so the last end in it counts,
     * and of all majorities the one that makes that earliest.
     *
     * @return {@link Long#MAX_VALUE} before a majority has answered
     */
    long endNs(int majority) {
        return endsNs.size() < majority
                ? Long.MAX_VALUE
                : endsNs.values().stream().sorted().skip(majority - 1).findFirst().orElseThrow();
    }
}
