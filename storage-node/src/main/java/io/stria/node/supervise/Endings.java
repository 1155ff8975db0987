package io.stria.node.supervise;

/** Hears, from the parent, that a node process has ended: an exit status is proof. */
@FunctionalInterface
public interface Endings {
    /**
     * @param incarnation names the process, see {@link NodeWatch#incarnation}
     */
    void ended(int nodeId, long incarnation, String how);
}
