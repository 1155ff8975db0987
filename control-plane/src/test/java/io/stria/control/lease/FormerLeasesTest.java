package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What voters say of the leaders that they have confirmed, and what a new one makes of it. */
class FormerLeasesTest {
    private static final long MS = 1_000_000;
    private static final long LONGEST_NS = 2_100 * MS;
    private static final long NOW_NS = 1_000_000 * MS;

    private final FormerLeases leases = new FormerLeases(LONGEST_NS);

    private void quiet(int voter, long ms) {
        leases.onConfirmed(voter, ms * MS, NOW_NS);
    }

    private long leftMs(int majority) {
        return (leases.endNs(majority) - NOW_NS) / MS;
    }

    @Test
    void theLastEndOfTheBestMajorityCounts() {
        quiet(1, 1_500);
        quiet(2, 1_900);
        assertEquals(Long.MAX_VALUE, leases.endNs(3), "two are no majority of five");
        quiet(3, 300);
        assertEquals(1_800, leftMs(3), "the third may have confirmed a lease");
        quiet(4, 1_200);
        assertEquals(900, leftMs(3), "without it there is a majority, too");
        quiet(5, 0);
        assertEquals(900, leftMs(3));
        leases.clear();
        assertEquals(Long.MAX_VALUE, leases.endNs(1));
    }

    @Test
    void aVoterThatAnswersTwiceCountsOnce() {
        quiet(1, 1_500);
        quiet(1, 1_000);
        assertEquals(Long.MAX_VALUE, leases.endNs(2));
        assertEquals(600, leftMs(1), "what it said first is still true");
    }

    @Test
    void nothingThatAVoterSaysMakesALeaseEndBeforeItsAnswerOrLaterThanOneFromNow() {
        leases.onConfirmed(1, Long.MAX_VALUE, NOW_NS);
        assertEquals(0, leftMs(1));
        leases.clear();
        leases.onConfirmed(1, Long.MIN_VALUE, NOW_NS);
        assertEquals(2_100, leftMs(1));
    }

    @Test
    void aVoterCountsFromItsLastConfirmationOfAnEarlierLeader() {
        Confirmations voter = new Confirmations(NOW_NS);
        assertEquals(5, voter.confirm(1, 3, NOW_NS + 5), "it has just started");
        assertEquals(9, voter.confirm(1, 3, NOW_NS + 9), "that is the same leader");
        assertEquals(11, voter.confirm(2, 4, NOW_NS + 20));
        assertEquals(21, voter.confirm(2, 4, NOW_NS + 30));
        assertEquals(70, voter.confirm(1, 6, NOW_NS + 100));
    }

    /** A message may be late, and consensus may have lost a vote. */
    @Test
    void aVoterConfirmsNoEarlierLeaderAndNoOtherOfTheSameTerm() {
        Confirmations voter = new Confirmations(NOW_NS);
        voter.confirm(1, 3, NOW_NS + 1);
        voter.confirm(2, 4, NOW_NS + 2);
        assertEquals(Confirmations.REFUSED, voter.confirm(1, 3, NOW_NS + 3));
        assertEquals(Confirmations.REFUSED, voter.confirm(3, 4, NOW_NS + 4));
        assertEquals(4, voter.confirm(2, 4, NOW_NS + 5), "what it refused it has not confirmed");
    }
}
