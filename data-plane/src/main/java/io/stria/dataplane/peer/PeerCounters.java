package io.stria.dataplane.peer;

import io.stria.runtime.Counters;

/**
 * What a {@link PeerTarget} has had to do with connections since it was made. Its reactor counts;
 * any thread may read.
 */
public final class PeerCounters {
    private static final int ACCEPTED = 0;
    private static final int REFUSED = 1;
    private static final int DISPLACED = 2;
    private static final int LATE = 3;
    private static final int STALLED = 4;
    private static final int VIOLATIONS = 5;
    private static final int DENIED = 6;

    private final Counters counters = new Counters(7);

    public long accepted() {
        return counters.get(ACCEPTED);
    }

    /** Connections closed at once because there were too many, all of members. */
    public long refused() {
        return counters.get(REFUSED);
    }

    /** Connections that had yet to log in and made room for others instead. */
    public long displaced() {
        return counters.get(DISPLACED);
    }

    /** Connections that did not log in in time. */
    public long late() {
        return counters.get(LATE);
    }

    /**
     * Members that did not take their answers, or had a command under way for so long that its
     * owner had given it up: it found no buffer, or did not arrive whole.
     */
    public long stalled() {
        return counters.get(STALLED);
    }

    /** Connections that were closed because of what came on them. */
    public long violations() {
        return counters.get(VIOLATIONS);
    }

    /** Logins that named no device of this node, came out of order, or did not prove the secret. */
    public long denied() {
        return counters.get(DENIED);
    }

    void onAccepted() {
        counters.increment(ACCEPTED);
    }

    void onRefused() {
        counters.increment(REFUSED);
    }

    void onDisplaced() {
        counters.increment(DISPLACED);
    }

    void onLate() {
        counters.increment(LATE);
    }

    void onStalled() {
        counters.increment(STALLED);
    }

    void onViolation() {
        counters.increment(VIOLATIONS);
    }

    void onDenied() {
        counters.increment(DENIED);
    }
}
