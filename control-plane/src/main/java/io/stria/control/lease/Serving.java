package io.stria.control.lease;

/** An owner's word that it serves the volume at this epoch. */
public record Serving(int vuid, int volumeEpoch) {}
