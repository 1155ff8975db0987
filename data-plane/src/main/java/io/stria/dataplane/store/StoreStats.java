package io.stria.dataplane.store;

/**
 * A store's state and running totals at one moment.
 *
 * @param fragmentBytesAccepted data that owners wrote; what was written to the device over it is
 *     the write amplification
 * @param bypassedBytes the part of it that went home without passing through the journal
 * @param crcErrors fragments that were read and did not match their checksum
 */
public record StoreStats(
        int pagesTotal,
        int pagesUsed,
        int pagesQuarantined,
        long ringBytes,
        long ringBytesUsed,
        int shadowsUsed,
        int journalEntries,
        int dirtyHeaders,
        long memoryBytes,
        long journalBytesWritten,
        long shadowBytesWritten,
        long homeBytesWritten,
        long headerBytesWritten,
        long fragmentBytesAccepted,
        long bypassedBytes,
        long batches,
        long mergeRounds,
        long mergedFragments,
        long droppedFragments,
        long reappendedFragments,
        long pagesFreed,
        long headerReads,
        long damagedSectors,
        long crcErrors,
        long readErrors,
        long writeErrors,
        long rejectedWrites,
        long fenced,
        long noSpace) {
    public long bytesWritten() {
        return journalBytesWritten + shadowBytesWritten + homeBytesWritten + headerBytesWritten;
    }
}
