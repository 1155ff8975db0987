package io.stria.control.lease;

/**
 * Numbers of a node's registrations: the start of its process in milliseconds, shifted left by 12,
 * plus a count of its registrations. They rise, and name the process.
 */
public final class Incarnation {
    private static final int COUNT_BITS = 12;

    private Incarnation() {}

    public static long ofProcess(long startMillis) {
        return startMillis << COUNT_BITS;
    }

    /** The first of a process that started after the one of this incarnation, by a clock or not. */
    public static long ofLaterProcess(long incarnation) {
        return (incarnation >>> COUNT_BITS) + 1 << COUNT_BITS;
    }

    public static boolean sameProcess(long one, long other) {
        return one >>> COUNT_BITS == other >>> COUNT_BITS;
    }
}
