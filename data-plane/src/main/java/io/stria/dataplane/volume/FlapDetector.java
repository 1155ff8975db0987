package io.stria.dataplane.volume;

/**
 * Tells an association that breaks again and again, and never lasts, from one that broke now and
 * then. Breaks that follow each other within the time for which a store may be silent belong
 * together.
 */
final class FlapDetector {
    private static final int BREAKS_MAX = 4;

    private final long silentStoreNs;
    private int breaks;
    private long firstBreakNs;
    private long lastBreakNs = Long.MIN_VALUE / 2;

    /**
     * @param silentStoreNs for how long a store may be silent
     */
    FlapDetector(long silentStoreNs) {
        this.silentStoreNs = silentStoreNs;
    }

    void onBreak(long nowNs) {
        if (nowNs - lastBreakNs > silentStoreNs) {
            breaks = 0;
            firstBreakNs = nowNs;
        }
        breaks++;
        lastBreakNs = nowNs;
    }

    /**
     * @param attached whether it stands now: then a short while without a break is enough
     */
    boolean isFlapping(long nowNs, boolean attached) {
        long quietNs = attached ? silentStoreNs / 4 : silentStoreNs;
        return breaks >= BREAKS_MAX
                && lastBreakNs - firstBreakNs > silentStoreNs
                && nowNs - lastBreakNs <= quietNs;
    }
}
