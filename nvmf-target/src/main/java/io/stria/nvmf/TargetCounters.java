package io.stria.nvmf;

import io.stria.runtime.Counters;

/**
 * What a target has had to do with its hosts' connections since it was made. Its reactor counts;
 * any thread may read.
 */
public final class TargetCounters {
    private static final int ACCEPTED = 0;
    private static final int CLOSED = 1;
    private static final int REFUSED = 2;
    private static final int DISPLACED = 3;
    private static final int LATE = 4;
    private static final int STALLED = 5;
    private static final int VIOLATIONS = 6;
    private static final int SILENT = 7;
    private static final int HEADER_DIGESTS = 8;
    private static final int DATA_DIGESTS = 9;

    private final Counters counters = new Counters(10);

    public long accepted() {
        return counters.get(ACCEPTED);
    }

    /** Of those accepted, the ones that are no more. */
    public long closed() {
        return counters.get(CLOSED);
    }

    /** Connections closed at once because there were too many. */
    public long refused() {
        return counters.get(REFUSED);
    }

    /** Connections that had to become a queue soon and made room for others instead. */
    public long displaced() {
        return counters.get(DISPLACED);
    }

    /** Connections that did not become a queue in time. */
    public long late() {
        return counters.get(LATE);
    }

    /** Connections whose host owed data, or left its answers unread, for too long. */
    public long stalled() {
        return counters.get(STALLED);
    }

    /** Connections that were terminated because of what their host sent. */
    public long violations() {
        return counters.get(VIOLATIONS);
    }

    /** Controllers whose host fell silent. */
    public long silent() {
        return counters.get(SILENT);
    }

    /** Connections terminated because the digest of a header did not match. */
    public long headerDigestErrors() {
        return counters.get(HEADER_DIGESTS);
    }

    /** Commands failed because the digest of their data did not match. */
    public long dataDigestErrors() {
        return counters.get(DATA_DIGESTS);
    }

    void onAccepted() {
        counters.increment(ACCEPTED);
    }

    void onClosed() {
        counters.increment(CLOSED);
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

    void onSilent() {
        counters.increment(SILENT);
    }

    void onHeaderDigest() {
        counters.increment(HEADER_DIGESTS);
    }

    void onDataDigest() {
        counters.increment(DATA_DIGESTS);
    }
}
