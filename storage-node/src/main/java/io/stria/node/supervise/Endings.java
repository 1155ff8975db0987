package io.stria.node.supervise;

/**
 * Hears, from the parent, that a node process has ended: an exit status is proof. And that one
 * stands still, which is a hint.
 */
@FunctionalInterface
public interface Endings {
    /**
     * @param incarnation names the process, see {@link NodeWatch#incarnation}
     */
    void ended(int nodeId, long incarnation, String how);

    /**
     * A signal has stopped it. It may go on at any time, and then does what it was about to do.
     *
     * @param incarnation that it has registered as
     */
    default void standsStill(int nodeId, long incarnation) {}
}
