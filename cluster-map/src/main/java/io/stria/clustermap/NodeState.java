package io.stria.clustermap;

/** Whether a node counts as alive. Only the control plane's leader changes it. */
public enum NodeState {
    /** Holds or may hold a lease. */
    ONLINE,
    /** Its lease has ended, or its process is known to have ended. */
    OFFLINE
}
