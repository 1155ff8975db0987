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

    /**
     * Identifies the present connection; another number after each loss of it, 0 while there is
     * none (a submit would end with DISCONNECTED). A new connection starts without an association:
     * ATTACH first.
     */
    long connection();
}
