package io.stria.dataplane.peer;

/**
 * What a {@link PeerTarget} has had to do with connections since it was made. Owned by its reactor.
 */
public final class PeerCounters {
    private long accepted;
    private long refused;
    private long displaced;
    private long late;
    private long stalled;
    private long violations;
    private long denied;

    public long accepted() {
        return accepted;
    }

    /** Connections closed at once because there were too many, all of members. */
    public long refused() {
        return refused;
    }

    /** Connections that had yet to log in and made room for others instead. */
    public long displaced() {
        return displaced;
    }

    /** Connections that did not log in in time. */
    public long late() {
        return late;
    }

    /** Members that did not take their answers. */
    public long stalled() {
        return stalled;
    }

    /** Connections that were closed because of what came on them. */
    public long violations() {
        return violations;
    }

    /** Logins that named no device of this node, came out of order, or did not prove the secret. */
    public long denied() {
        return denied;
    }

    void onAccepted() {
        accepted++;
    }

    void onRefused() {
        refused++;
    }

    void onDisplaced() {
        displaced++;
    }

    void onLate() {
        late++;
    }

    void onStalled() {
        stalled++;
    }

    void onViolation() {
        violations++;
    }

    void onDenied() {
        denied++;
    }
}
