package io.stria.dataplane.store;

/**
 * Bounds of one store. What follows the size of the device (the index, at most 48 bytes per page)
 * comes on top.
 *
 * @param ringBytesMax journal ring of a fresh device; smaller devices get 1/64 of their size
 * @param headerCacheBytes page headers kept in memory
 * @param mergeBufferBytes what one round of merging may hold
 * @param readBufferBytes buffers of reads in flight
 * @param entriesMax fragment versions that live in the journal
 * @param bypassBytesMin runs of absent fragments from this size on go home without the journal
 * @param mergePercent merging begins when this much of the ring is used
 * @param idleMergeNs merging begins when nothing was asked for this long
 */
public record StoreConfig(
        int ringBytesMax,
        int headerCacheBytes,
        int mergeBufferBytes,
        int readBufferBytes,
        int entriesMax,
        int bypassBytesMin,
        int mergePercent,
        long idleMergeNs) {
    private static final int MIB = 1 << 20;

    public StoreConfig {
        if (ringBytesMax > Layout.RING_BYTES_MAX || mergePercent < 1 || mergePercent > 90) {
            throw new IllegalArgumentException("ring of " + ringBytesMax + " bytes");
        }
    }

    public static StoreConfig defaults() {
        return new StoreConfig(
                32 * MIB, 4 * MIB, 2 * MIB, 3 * MIB, 96 << 10, 16384, 50, 100_000_000L);
    }

    public StoreConfig withRingBytesMax(int bytes) {
        return new StoreConfig(
                bytes,
                headerCacheBytes,
                mergeBufferBytes,
                readBufferBytes,
                entriesMax,
                bypassBytesMin,
                mergePercent,
                idleMergeNs);
    }

    public StoreConfig withHeaderCacheBytes(int bytes) {
        return new StoreConfig(
                ringBytesMax,
                bytes,
                mergeBufferBytes,
                readBufferBytes,
                entriesMax,
                bypassBytesMin,
                mergePercent,
                idleMergeNs);
    }

    public StoreConfig withBypassBytesMin(int bytes) {
        return new StoreConfig(
                ringBytesMax,
                headerCacheBytes,
                mergeBufferBytes,
                readBufferBytes,
                entriesMax,
                bytes,
                mergePercent,
                idleMergeNs);
    }

    public StoreConfig withMerging(int percent, long idleNs) {
        return new StoreConfig(
                ringBytesMax,
                headerCacheBytes,
                mergeBufferBytes,
                readBufferBytes,
                entriesMax,
                bypassBytesMin,
                percent,
                idleNs);
    }
}
