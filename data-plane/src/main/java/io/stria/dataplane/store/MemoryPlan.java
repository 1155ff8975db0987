package io.stria.dataplane.store;

/** How much of everything a store of a given layout makes at start. */
record MemoryPlan(
        int pageEntries,
        int journalEntries,
        int headerGroups,
        int mergeBufferBytes,
        int smallBuffers,
        int largeBuffers) {
    static MemoryPlan of(Layout layout, StoreConfig config) {
        int perChunk = layout.fragmentsMax();
        int entries =
                Math.max(8 * perChunk, Math.min(config.entriesMax(), layout.ringBytes() / 256));
        int groups =
                Math.clamp(
                        Math.min(
                                config.headerCacheBytes() / layout.headerBytes(),
                                layout.pages() + 8L),
                        16,
                        1 << 20);
        int merge =
                (int)
                        Math.max(
                                2L * layout.pageBytes(),
                                Math.min(
                                        config.mergeBufferBytes(),
                                        (long) layout.pages() * layout.pageBytes()));
        int half = config.readBufferBytes() / 3;
        int small = Math.clamp(half / ReadBuffers.SMALL_BYTES, 4, 1024);
        int large = Math.clamp(2L * half / layout.chunkBytes(), 3, 1024);
        return new MemoryPlan(
                PageIndex.entriesFor(layout.pages()), entries, groups, merge, small, large);
    }

    /** All of it but the index, which follows the size of the device. */
    long bytes(Layout layout) {
        return JournalRing.bytesFor(layout)
                + JournalEntries.bytesFor(journalEntries)
                + (long) headerGroups * layout.headerBytes()
                + mergeBufferBytes
                + (long) smallBuffers * ReadBuffers.SMALL_BYTES
                + (long) largeBuffers * layout.chunkBytes();
    }
}
