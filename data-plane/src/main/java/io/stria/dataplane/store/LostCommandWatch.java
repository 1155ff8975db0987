package io.stria.dataplane.store;

/**
 * Whether a device has kept one operation for long, whatever else it answers meanwhile. Operations
 * are counted in two turns, those of the present one and those before it, so each is found when it
 * has been there for one to two turns. Time counts as it does for a {@link HangWatch}.
 */
final class LostCommandWatch {
    private static final long STEP_MAX_NS = 1_000_000_000L;

    private final long turnNs;
    private final int[] inFlight = new int[2];
    private int turn;
    private long sinceNs;
    private long lookedNs;

    LostCommandWatch(long turnNs) {
        this.turnNs = turnNs;
    }

    /** Returns the turn, for {@link #ended}. */
    int begun() {
        inFlight[turn]++;
        return turn;
    }

    void ended(int ofTurn) {
        inFlight[ofTurn]--;
    }

    /** A look: whether something has not ended for a turn or longer. */
    boolean hasLostOne(long nowNs) {
        sinceNs += Math.clamp(nowNs - lookedNs, 0, STEP_MAX_NS);
        lookedNs = nowNs;
        if (sinceNs < turnNs) {
            return false;
        }
        sinceNs = 0;
        turn ^= 1;
        return inFlight[turn] > 0;
    }
}
