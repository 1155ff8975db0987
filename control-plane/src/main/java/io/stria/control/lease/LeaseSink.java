package io.stria.control.lease;

/** Where a node's lease goes: its reactors. Called by the control thread. */
public interface LeaseSink {
    /**
     * The node may serve until this time of its own clock, as owner and as store; after it,
     * nothing.
     *
     * @param deadlineNs later than before, or 0 when the lease has been taken away
     */
    void leaseUntil(long deadlineNs);

    /**
     * The node is about to ask that this process be registered under that number, by which its end
     * has to be attested: it is not the one that the process started with where another process of
     * the node, before it, had a clock that was ahead.
     *
     * @param incarnation see {@link Incarnation#sameProcess}
     */
    default void registersAs(long incarnation) {}

    /**
     * Whether the reactors go on. While they stand still nothing is asked for that only they could
     * use: others take their volumes when the lease has run out.
     */
    default boolean goesOn() {
        return true;
    }
}
