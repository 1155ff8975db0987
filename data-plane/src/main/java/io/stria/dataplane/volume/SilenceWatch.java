package io.stria.dataplane.volume;

/**
 * Since when a store has not been heard, and since when some command has been in flight, whatever
 * else is answered. Commands are counted by when they were sent: those that were in flight at a
 * boundary are <em>old</em>, and the boundary moves on when the last of them has ended.
 */
final class SilenceWatch {
    private int outstanding;

    /** Commands in flight that were sent at {@link #boundaryNs} or before. */
    private int outstandingOld;

    /** Moves on when the old ones have ended: a command that is stuck holds it. */
    private long boundaryNs;

    /** When it did so, later by the time for which the owner has stood still. */
    private long stuckSinceNs;

    private long heardNs;

    SilenceWatch(long nowNs) {
        heardNs = nowNs;
    }

    /** Who owed nothing before owes an answer from now on. */
    void sent(long nowNs) {
        if (outstanding++ == 0) {
            heardNs = nowNs;
            boundaryNs = nowNs;
            stuckSinceNs = nowNs;
        }
        if (nowNs - boundaryNs <= 0) {
            outstandingOld++;
        }
    }

    /** A command ended, with an answer or without one. */
    void ended(long sentNs, long nowNs) {
        outstanding--;
        if (sentNs - boundaryNs <= 0 && --outstandingOld == 0) {
            boundaryNs = nowNs;
            stuckSinceNs = nowNs;
            outstandingOld = outstanding;
        }
    }

    /** It has answered, or its silence counts from now on. */
    void heard(long nowNs) {
        heardNs = nowNs;
    }

    /** Nobody listened for so long: that is nobody's silence. */
    void forgive(long pauseNs, long nowNs) {
        heardNs = Math.min(heardNs + pauseNs, nowNs);
        stuckSinceNs = Math.min(stuckSinceNs + pauseNs, nowNs);
    }

    /** Commands in flight. */
    int outstanding() {
        return outstanding;
    }

    long heardNs() {
        return heardNs;
    }

    /** For how long at least some command has been in flight, 0 if none is. */
    long stuckNs(long nowNs) {
        return outstanding == 0 ? 0 : nowNs - stuckSinceNs;
    }
}
