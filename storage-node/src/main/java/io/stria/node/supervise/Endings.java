package io.stria.node.supervise;

/** Hears, from the parent, that a node process has ended: an exit status is proof. */
@FunctionalInterface
public interface Endings {
    /**
     * @param start names the process, as it was told to it
     */
    void ended(int nodeId, long start, String how);
}
