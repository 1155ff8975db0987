package io.stria.nvmf;

/**
 * What a target has had to do with its hosts' connections since it was made. Owned by its reactor.
 */
public final class TargetCounters {
    private long accepted;
    private long refused;
    private long displaced;
    private long late;
    private long stalled;
    private long violations;
    private long silent;

    public long accepted() {
        return accepted;
    }

    /** Connections closed at once because there were too many. */
    public long refused() {
        return refused;
    }

    /** Connections that had to become a queue soon and made room for others instead. */
    public long displaced() {
        return displaced;
    }

    /** Connections that did not become a queue in time. */
    public long late() {
        return late;
    }

    /** Connections whose host owed data, or left its answers unread, for too long. */
    public long stalled() {
        return stalled;
    }

    /** Connections that were terminated because of what their host sent. */
    public long violations() {
        return violations;
    }

    /** Controllers whose host fell silent. */
    public long silent() {
        return silent;
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

    void onSilent() {
        silent++;
    }
}
