package io.stria.clustermap;

/** What a volume was asked to survive: any two of these at once. */
public enum Tolerance {
    NODE,
    DEVICE
}
