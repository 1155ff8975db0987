package io.stria.clustermap;

/** Life of a volume. */
public enum VolumeState {
    ONLINE,
    /**
     * Refuses IO while its fragments are dropped; the entry goes when every store has confirmed.
     */
    DELETING
}
