package io.stria.clustermap;

/** Whether a node counts as alive. Only the control plane's leader changes it. */
public enum NodeState {
    /** Holds or may hold a lease. */
    ONLINE,
    /** Its lease has ended, or its process is known to have ended. */
    OFFLINE,
    /**
     * No member any more, for ever: nothing rests on it, and nobody else gets its id. It stays in
     * the map for the tombstones of its devices, since placement looks at where they were.
     */
    REMOVED
}
