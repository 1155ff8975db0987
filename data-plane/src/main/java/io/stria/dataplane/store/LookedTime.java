package io.stria.dataplane.store;

/**
 * Time that counts only between looks, and not for long between any two, so a process that has
 * stood still blames nobody.
 */
final class LookedTime {
    private static final long STEP_MAX_NS = 1_000_000_000L;

    private long countedNs;
    private long lookedNs;

    /** A look; returns what has counted since {@link #restart}. */
    long look(long nowNs) {
        countedNs += Math.clamp(nowNs - lookedNs, 0, STEP_MAX_NS);
        lookedNs = nowNs;
        return countedNs;
    }

    /** From the last look on. */
    void restart() {
        countedNs = 0;
    }
}
