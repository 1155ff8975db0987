package io.stria.control.lease;

/**
 * Times of leases.
 *
 * @param leaseNs how long a lease runs, from the sending of its renewal, on the node's clock
 * @param driftNs how much longer that may take on the leader's clock
 * @param graceNs silence after a lease's end before its node counts as down, since most nodes that
 *     are late come back; before its first lease a node has four leases' time, and none under a new
 *     leader, which waits for leases to end as it is
 * @param renewEveryNs time between renewals that are answered; one that is not is sent again after
 *     half of it
 * @param answerNs silence after which a node looks for another leader, and, from an election on,
 *     after which a node that the new leader has not heard at all counts as down
 * @param askEveryNs time between the questions who leads
 * @param retryNs time after which a proposal is sent again
 */
public record LeaseConfig(
        long leaseNs,
        long driftNs,
        long graceNs,
        long renewEveryNs,
        long answerNs,
        long askEveryNs,
        long retryNs) {
    private static final long MS = 1_000_000;

    public LeaseConfig {
        if (leaseNs <= 0 || driftNs <= 0 || renewEveryNs <= 0 || renewEveryNs > leaseNs / 2) {
            throw new IllegalArgumentException(
                    "a lease of %d ns with drift %d ns must be renewed at least twice, not every %d ns"
                            .formatted(leaseNs, driftNs, renewEveryNs));
        }
        if (graceNs < 0 || answerNs <= 0 || askEveryNs <= 0 || retryNs <= 0) {
            throw new IllegalArgumentException("times of leases must be positive");
        }
    }

    /** Two seconds, and one part in twenty for drift. */
    public static LeaseConfig standard() {
        return ofLease(2000 * MS);
    }

    public static LeaseConfig ofLease(long leaseNs) {
        return new LeaseConfig(
                leaseNs,
                leaseNs / 20,
                leaseNs / 10,
                leaseNs * 2 / 5,
                leaseNs * 3 / 10,
                leaseNs / 20,
                leaseNs / 4);
    }

    /** The longest time, on the leader's clock, that a lease can last from now. */
    long longestNs() {
        return leaseNs + driftNs;
    }

    /** Silence that counts, from a request or election on. */
    long patienceNs() {
        return leaseNs + driftNs + graceNs;
    }

    /** For a process that has only just come. */
    long firstPatienceNs() {
        return 4 * leaseNs;
    }
}
