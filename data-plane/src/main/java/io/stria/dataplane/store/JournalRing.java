package io.stria.dataplane.store;

import java.lang.foreign.Arena;

/**
 * The journal ring: an image of it in memory, and its batches from the tail to the head. Positions
 * count up for ever; the place in the ring is the position modulo its size.
 *
 * <p>A batch is <em>pinned</em> by everything that only it holds: fragment versions, header changes
 * that are not on the device, deletions under way. The tail is the oldest pinned batch. Space
 * behind it may be written again only once a durable batch has recorded that tail, because recovery
 * begins at the recorded one.
 *
 * <pre>
 *   batch, whole device blocks:
 *    0 magic             4
 *    4 CRC32C            4    of the bytes 8 .. 64
 *    8 format id         8    see {@link Superblock}
 *   16 sequence          8    one more than the batch before
 *   24 tail sequence     8    the oldest batch that recovery needs
 *   32 position          8
 *   40 bytes             4    all of the batch
 *   44 records           4
 *   48 CRC32C            4    of the records' CRC32Cs: an old record cannot pass for a new one
 *   52 high water        4    pages given out so far
 *   56 zero              8
 *   64 records, see {@link JournalRecord}
 * </pre>
 */
final class JournalRing {
    static final int BATCH_HEAD_BYTES = 64;
    private static final int MAGIC = 0x424a5453;

    private final Area image;
    private final Area checksums;
    private final int ringBytes;
    private final int mask;
    private final long[] positions;
    private final int[] sizes;
    private final int[] pins;
    private long headSequence;
    private long headPosition;
    private long tailSequence = 1;
    private long recordedTailSequence = 1;
    private long recordedTailPosition;

    JournalRing(Arena arena, Layout layout) {
        this.ringBytes = layout.ringBytes();
        this.image = new Area(arena, ringBytes);
        this.checksums = new Area(arena, 4096);
        int batchesMax = Integer.highestOneBit(ringBytes / layout.blockBytes() + 2) * 2;
        this.mask = batchesMax - 1;
        this.positions = new long[batchesMax];
        this.sizes = new int[batchesMax];
        this.pins = new int[batchesMax];
    }

    static long bytesFor(Layout layout) {
        return layout.ringBytes()
                + 16L * Integer.highestOneBit(layout.ringBytes() / layout.blockBytes() + 2) * 2;
    }

    Area image() {
        return image;
    }

    int ringBytes() {
        return ringBytes;
    }

    int offset(long position) {
        return (int) (position % ringBytes);
    }

    /** Sequence of the newest durable batch; 0 before the first. */
    long headSequence() {
        return headSequence;
    }

    /** Where the next batch may begin. */
    long headPosition() {
        return headPosition;
    }

    /** The oldest pinned batch, or the one after the newest. */
    long tailSequence() {
        return tailSequence;
    }

    long recordedTailSequence() {
        return recordedTailSequence;
    }

    /** Bytes that must not be overwritten. */
    long usedBytes() {
        return headPosition - recordedTailPosition;
    }

    long freeBytesAt(long position) {
        return ringBytes - (position - recordedTailPosition);
    }

    long positionOf(long sequence) {
        return positions[(int) sequence & mask];
    }

    int sizeOf(long sequence) {
        return sizes[(int) sequence & mask];
    }

    int pinsOf(long sequence) {
        return pins[(int) sequence & mask];
    }

    void pin(int sequence) {
        pins[sequence & mask]++;
    }

    void unpin(int sequence) {
        int left = --pins[sequence & mask];
        assert left >= 0;
    }

    /** Moves the tail over batches that nothing pins; returns whether it moved. */
    boolean advancedTail() {
        long before = tailSequence;
        while (tailSequence <= headSequence && pins[(int) tailSequence & mask] == 0) {
            tailSequence++;
        }
        return tailSequence != before;
    }

    /** A batch became durable; pinned once until the caller has applied its records. */
    void append(long sequence, long position, int bytes, long recordedTail) {
        assert sequence == headSequence + 1;
        headSequence = sequence;
        headPosition = position + bytes;
        positions[(int) sequence & mask] = position;
        sizes[(int) sequence & mask] = bytes;
        pins[(int) sequence & mask] = 1;
        recordedTailSequence = recordedTail;
        recordedTailPosition = positionOf(recordedTail);
    }

    /** Recovery: the ring begins at this batch; {@link #append} it and those after it next. */
    void beginAt(long sequence, long position) {
        headSequence = sequence - 1;
        headPosition = position;
        tailSequence = sequence;
        recordedTailSequence = sequence;
        recordedTailPosition = position;
    }

    /** Recovery, after the last batch: space from the tail on must not be overwritten. */
    void recordTail(long sequence) {
        recordedTailSequence = sequence;
        recordedTailPosition = positionOf(sequence);
    }

    void putBatchHead(
            int offset,
            long formatId,
            long sequence,
            long tail,
            long position,
            int bytes,
            int records,
            int highWater) {
        image.putInt(offset, MAGIC);
        image.putLong(offset + 8, formatId);
        image.putLong(offset + 16, sequence);
        image.putLong(offset + 24, tail);
        image.putLong(offset + 32, position);
        image.putInt(offset + 40, bytes);
        image.putInt(offset + 44, records);
        image.putInt(offset + 48, recordsCrc(offset, records));
        image.putInt(offset + 52, highWater);
        image.putLong(offset + 56, 0);
        image.putInt(offset + 4, image.crc(offset + 8, BATCH_HEAD_BYTES - 8));
    }

    /** Chained over the CRCs of all records, which must be intact. */
    private int recordsCrc(int offset, int records) {
        int chained = 0;
        int at = offset + BATCH_HEAD_BYTES;
        for (int i = 0; i < records; i++) {
            checksums.putInt(0, chained);
            checksums.putInt(4, JournalRecord.sealedCrc(image, at));
            chained = checksums.crc(0, 8);
            at += JournalRecord.bytes(image, at);
        }
        return chained;
    }

    boolean isBatchHead(int offset, long formatId) {
        return image.getInt(offset) == MAGIC
                && image.getLong(offset + 8) == formatId
                && image.getInt(offset + 4) == image.crc(offset + 8, BATCH_HEAD_BYTES - 8)
                && offset(image.getLong(offset + 32)) == offset
                && image.getInt(offset + 40) >= BATCH_HEAD_BYTES
                && image.getInt(offset + 40) <= ringBytes - offset;
    }

    /** Whether all descriptors of a batch with a valid head are whole and belong to it. */
    boolean hasIntactRecords(int offset) {
        int end = offset + batchBytes(offset);
        int at = offset + BATCH_HEAD_BYTES;
        int records = batchRecords(offset);
        for (int i = 0; i < records; i++) {
            if (!JournalRecord.isIntact(image, at, end - at)) {
                return false;
            }
            at += JournalRecord.bytes(image, at);
        }
        return image.getInt(offset + 48) == recordsCrc(offset, records);
    }

    long batchSequence(int offset) {
        return image.getLong(offset + 16);
    }

    long batchTail(int offset) {
        return image.getLong(offset + 24);
    }

    long batchPosition(int offset) {
        return image.getLong(offset + 32);
    }

    int batchBytes(int offset) {
        return image.getInt(offset + 40);
    }

    int batchRecords(int offset) {
        return image.getInt(offset + 44);
    }

    int batchHighWater(int offset) {
        return image.getInt(offset + 52);
    }
}
