package io.stria.dataplane.store;

/**
 * How long a device has kept operations in flight and completed none. Time counts only between
 * looks, and not for long between any two, so a process that has stood still blames nobody.
 */
final class HangWatch {
    private static final long STEP_MAX_NS = 1_000_000_000L;

    private int inFlight;
    private boolean moved;
    private long silentNs;
    private long lookedNs;

    void begun() {
        inFlight++;
    }

    /** The device has answered something. */
    void moved() {
        moved = true;
    }

    void ended() {
        inFlight--;
    }

    /** A look, and what it finds. */
    long silentNs(long nowNs) {
        if (inFlight == 0 || moved) {
            moved = false;
            silentNs = 0;
        } else {
            silentNs += Math.clamp(nowNs - lookedNs, 0, STEP_MAX_NS);
        }
        lookedNs = nowNs;
        return silentNs;
    }
}
