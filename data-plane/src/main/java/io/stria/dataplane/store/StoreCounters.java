package io.stria.dataplane.store;

/** Running totals of one store; written by its reactor alone. */
final class StoreCounters {
    long journalBytesWritten;
    long shadowBytesWritten;
    long homeBytesWritten;
    long headerBytesWritten;
    long fragmentBytesAccepted;
    long bypassedBytes;
    long batches;
    long mergeRounds;
    long mergedFragments;
    long droppedFragments;
    long reappendedFragments;
    long pagesFreed;
    long headerReads;
    long damagedSectors;
    long crcErrors;
    long readErrors;
    long writeErrors;
    long rejectedWrites;
    long fenced;
    long noSpace;
    long recoveredBatches;
    long recoveredPages;
}
