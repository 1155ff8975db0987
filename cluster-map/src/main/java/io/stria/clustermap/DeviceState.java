package io.stria.clustermap;

/** Life of a device. Only the control plane's leader changes it. */
public enum DeviceState {
    ONLINE,
    /** Away, and expected back. */
    UNAVAILABLE,
    /**
     * Back, and catching up for at least one volume: it takes writes, never votes, and counts as
     * lost there.
     */
    SYNCING,
    /** Lost for good: rebuilt elsewhere. */
    FAILED,
    DRAINING,
    /** A tombstone that keeps its slot and weight, so that other slots' draws do not change. */
    REMOVED
}
