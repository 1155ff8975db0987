package io.stria.dataplane.store;

/**
 * Where everything lies on one device:
 *
 * <pre>
 *   superblocks | journal ring | shadows | page 0 | page 1 | ...      page = header | data of one chunk
 * </pre>
 *
 * A header has room for the fragments of the finest scheme (n = 8), 1/32 of the data. A shadow
 * takes the oldest batches of the ring when these must stay, see {@link Shadows}.
 */
record Layout(
        int pageShift,
        int blockBytes,
        long ringOffset,
        int ringBytes,
        int shadows,
        long pagesOffset,
        int pages) {
    static final int RING_BYTES_MAX = 1 << 30;
    private static final int SHADOWS_MIN = 4;
    private static final int SHADOWS_BYTES_MAX = 256 << 20;
    private static final int ALIGNMENT = 4096;

    /**
     * The layout for a fresh device.
     *
     * @throws IllegalArgumentException with one clear sentence when the device is too small
     */
    static Layout plan(long deviceBytes, int blockBytes, int pageShift, int ringBytesMax) {
        int chunkBytes = 512 << pageShift;
        long smallest = roundUp(8L * (chunkBytes + chunkBytes / 16 + 4096), ALIGNMENT);
        long ringBytes =
                roundUp(
                        Math.clamp(deviceBytes / 64, smallest, Math.max(smallest, ringBytesMax)),
                        ALIGNMENT);
        int shadowBytes = shadowBytes(pageShift, (int) ringBytes);
        int shadows =
                Math.clamp(
                        deviceBytes / 32 / shadowBytes,
                        SHADOWS_MIN,
                        Math.max(SHADOWS_MIN, SHADOWS_BYTES_MAX / shadowBytes));
        long pagesOffset = Superblock.RESERVED_BYTES + ringBytes + (long) shadows * shadowBytes;
        long pages = (deviceBytes - pagesOffset) / (chunkBytes + PageHeader.bytes(pageShift));
        if (pages < 1) {
            throw new IllegalArgumentException(
                    "a device of %,d bytes is too small for pages of %,d bytes"
                            .formatted(deviceBytes, chunkBytes));
        }
        return new Layout(
                pageShift,
                blockBytes,
                Superblock.RESERVED_BYTES,
                (int) ringBytes,
                shadows,
                pagesOffset,
                (int) Math.min(pages, Integer.MAX_VALUE - 1));
    }

    /** Whether the parts follow each other as {@link #plan} lays them out. */
    boolean isConsistent() {
        return ringOffset == Superblock.RESERVED_BYTES
                && ringBytes % ALIGNMENT == 0
                && (long) shadows * shadowBytes() <= SHADOWS_BYTES_MAX + SHADOWS_MIN * shadowBytes()
                && pagesOffset == ringOffset + ringBytes + (long) shadows * shadowBytes();
    }

    /** No batch is larger. */
    int batchBytesMax() {
        return shadowBytes();
    }

    /** A shadow has room for any batch. */
    int shadowBytes() {
        return shadowBytes(pageShift, ringBytes);
    }

    private static int shadowBytes(int pageShift, int ringBytes) {
        int chunkBytes = 512 << pageShift;
        int largestRecord =
                JournalRecord.descriptorBytes(JournalRecord.REPLACE, chunkBytes >> 9) + chunkBytes;
        return (int)
                roundUp(
                        BatchHead.BYTES + largestRecord + Math.min(ringBytes / 8, 1 << 20),
                        ALIGNMENT);
    }

    long shadowOffset(int shadow) {
        return ringOffset + ringBytes + (long) shadow * shadowBytes();
    }

    int chunkBytes() {
        return 512 << pageShift;
    }

    int headerBytes() {
        return PageHeader.bytes(pageShift);
    }

    int pageBytes() {
        return chunkBytes() + headerBytes();
    }

    long headerOffset(int page) {
        return pagesOffset + (long) page * pageBytes();
    }

    long dataOffset(int page) {
        return headerOffset(page) + headerBytes();
    }

    long endOffset() {
        return headerOffset(pages);
    }

    int fragments(int fragmentShift) {
        return chunkBytes() >> fragmentShift;
    }

    /** Header sectors in use for fragments of this size. */
    int sectors(int fragmentShift) {
        return Math.max(1, fragments(fragmentShift) / PageHeader.FRAGMENTS_PER_SECTOR);
    }

    /** Bytes of the header sectors in use, in whole device blocks. */
    int usedHeaderBytes(int fragmentShift) {
        return (int) roundUp((long) sectors(fragmentShift) * PageHeader.SECTOR_BYTES, blockBytes);
    }

    /** What a header is written in: a sector, or a device block that is larger. */
    int headerUnitBytes() {
        return Math.max(PageHeader.SECTOR_BYTES, blockBytes);
    }

    int fragmentsMax() {
        return fragments(9);
    }

    long lpaMax() {
        return (1L << (39 - pageShift)) - 1;
    }

    static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
