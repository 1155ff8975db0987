package io.stria.dataplane.volume;

/**
 * Whether hosts' IO of one kind, reads or writes, is slow beside a movement: whether more than one
 * in {@value #ONE_IN} takes longer than {@value #LONGER_PERCENT} % of what it takes, at the same
 * share, in rests of the movement. That is, whether its p99 has risen by more than so much. On the
 * owner's thread.
 */
final class HostTimes {
    /** What is found. */
    enum Verdict {
        UNKNOWN,
        FINE,
        SLOW
    }

    private static final int LONGER_PERCENT = 120;
    private static final int ONE_IN = 100;

    /** From fewer IOs nothing is concluded. */
    static final int ENOUGH = 1_000;

    private final QuietTimes quiet = new QuietTimes();
    private long limitNs = QuietTimes.UNKNOWN;
    private int seen;
    private int slow;

    /** An IO began in a rest. */
    void onQuiet(long tookNs) {
        quiet.record(tookNs);
    }

    /** An IO began while the movement copied. */
    void onBeside(long tookNs) {
        if (limitNs != QuietTimes.UNKNOWN) {
            seen++;
            slow += tookNs > limitNs ? 1 : 0;
        }
    }

    /** Of all IOs since the last verdict; from now on they are compared with the newest rests. */
    Verdict judge() {
        limitNs = quiet.p99Ns() * LONGER_PERCENT / 100;
        if (seen < ENOUGH) {
            return Verdict.UNKNOWN;
        }
        Verdict verdict = slow > seen / ONE_IN ? Verdict.SLOW : Verdict.FINE;
        forget();
        return verdict;
    }

    /** What was seen beside the movement was at another rate. */
    void forget() {
        seen = 0;
        slow = 0;
    }
}
