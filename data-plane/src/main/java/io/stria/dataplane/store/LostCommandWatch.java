package io.stria.dataplane.store;

/**
 * Whether a device has kept one operation for long, whatever else it answers meanwhile. Operations
 * are counted in two turns, those of the present one and those before it, so each is found when it
 * has been there for one to two turns. In {@link LookedTime}.
 */
final class LostCommandWatch {
    private final LookedTime sinceTurn = new LookedTime();
    private final long turnNs;
    private final int[] inFlight = new int[2];
    private int turn;

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
        if (sinceTurn.look(nowNs) < turnNs) {
            return false;
        }
        sinceTurn.restart();
        turn ^= 1;
        return inFlight[turn] > 0;
    }
}
