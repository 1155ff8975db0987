package io.stria.dataplane.volume;

/**
 * What became of reads that met a slow store, since the owner began.
 *
 * @param hedged reads that had waited for too long and asked other locations as well
 * @param detours reads that asked others from the beginning
 * @param delayNs how long a read waits now before it is hedged; 0 where none ever is
 */
public record HedgeFigures(long hedged, long detours, long delayNs) {
    public static final HedgeFigures NONE = new HedgeFigures(0, 0, 0);
}
