package io.stria.dataplane.device;

/**
 * One device's chunk store as an owner reaches it: by a local call or over the peer protocol. All
 * calls and completions on the caller's reactor. Commands of one association are executed in any
 * order; the owner orders what needs order by waiting.
 */
public interface FragmentStore {
    /**
     * Takes the request; it ends with exactly one completion, DISCONNECTED at the latest when the
     * peer is lost.
     */
    void submit(FragmentRequest request);

    /** False while there is no connection to the store; a submit would end with DISCONNECTED. */
    boolean isConnected();
}
