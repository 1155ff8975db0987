package io.stria.control.lease;

/**
 * Numbers of a node's registrations: the start of its process, shifted left by 12, plus a count of
 * its registrations. They rise, and name the process.
 *
 * <p>A start is the wall clock's seconds and 18 bits that are drawn, since clocks alone do not name
 * a process: one that begins anew at each boot shows the same moment twice, and two processes that
 * follow the same one before would count on to the same number. The second would take the first
 * one's registration for its own, and serve at a volume epoch that has been served before.
 */
public final class Incarnation {
    private static final int COUNT_BITS = 12;
    private static final int DRAWN_BITS = 18;
    private static final long DRAWN_MASK = (1L << DRAWN_BITS) - 1;

    private Incarnation() {}

    /**
     * What whoever starts a process names it by.
     *
     * @param drawn at random, for this process alone
     */
    public static long start(long wallClockMillis, int drawn) {
        return wallClockMillis / 1000 << DRAWN_BITS | drawn & DRAWN_MASK;
    }

    public static long ofProcess(long start) {
        return start << COUNT_BITS;
    }

    /** The first of a process that started after another one, whatever its clock says. */
    public static long ofLaterProcess(long other, long own) {
        int secondsShift = COUNT_BITS + DRAWN_BITS;
        return (other >>> secondsShift) + 1 << secondsShift | own & DRAWN_MASK << COUNT_BITS;
    }

    public static boolean sameProcess(long one, long other) {
        return one >>> COUNT_BITS == other >>> COUNT_BITS;
    }
}
