package io.stria.dataplane.store;

import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * The journal: its batches from the tail to the head, see {@link BatchHead}. Positions count up for
 * ever; a batch begins in the ring at its position modulo the ring's size. The oldest batches may
 * have moved to {@link Shadows} and keep their position; all of them are in memory.
 *
 * <p>A batch is <em>pinned</em> by everything that only it holds: fragment versions, header changes
 * that are not on the device, deletions under way. The tail is the oldest pinned batch. Space
 * behind it may be written again only once a durable batch has recorded that tail, because recovery
 * begins at the recorded one; or once the batches there are durable in a shadow.
 */
final class JournalRing {
    private static final int IN_RING = -1;

    private final Area image;
    private final Shadows shadows;
    private final int ringBytes;
    private final int batchesInRingMax;
    private int mask;
    private long[] positions;
    private int[] sizes;
    private int[] pins;

    /** Shadow of a batch, or IN_RING; and where it begins there. */
    private int[] shadowOf;

    private int[] shadowOffsets;
    private long headSequence;
    private long headPosition;
    private long tailSequence = 1;
    private long recordedTailSequence = 1;
    private long recordedTailPosition;
    private long movedSequence;
    private long movedEnd;

    JournalRing(Arena arena, Layout layout, Shadows shadows) {
        this.ringBytes = layout.ringBytes();
        this.image = new Area(arena, ringBytes);
        this.shadows = shadows;
        this.batchesInRingMax = layout.ringBytes() / layout.blockBytes() + 2;
        int capacity = Integer.highestOneBit(batchesInRingMax) * 2;
        this.mask = capacity - 1;
        this.positions = new long[capacity];
        this.sizes = new int[capacity];
        this.pins = new int[capacity];
        this.shadowOf = new int[capacity];
        this.shadowOffsets = new int[capacity];
    }

    static long bytesFor(Layout layout) {
        return layout.ringBytes()
                + 24L * Integer.highestOneBit(layout.ringBytes() / layout.blockBytes() + 2) * 2;
    }

    /** The ring: new batches are built there. */
    Area image() {
        return image;
    }

    /** Where a batch is in memory, at {@link #offsetOf}; the low half of its sequence is enough. */
    Area areaOf(long sequence) {
        int shadow = shadowOf[(int) sequence & mask];
        return shadow == IN_RING ? image : shadows.area(shadow);
    }

    int offsetOf(long sequence) {
        int i = (int) sequence & mask;
        return shadowOf[i] == IN_RING ? offset(positions[i]) : shadowOffsets[i];
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

    /** The oldest batch that only the ring holds, or the one after the newest. */
    long ringTailSequence() {
        return Math.max(recordedTailSequence, movedSequence + 1);
    }

    /** All that recovery would need, in the ring and in shadows. */
    long usedBytes() {
        return headPosition - recordedTailPosition;
    }

    /** What recovery would need, were the tail recorded. */
    long pinnedBytes() {
        return tailSequence > headSequence ? 0 : headPosition - positionOf(tailSequence);
    }

    /** What of the ring would be left if a batch ended there. */
    long freeBytesAt(long position) {
        return ringBytes - (position - Math.max(recordedTailPosition, movedEnd));
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
        int i = (int) sequence & mask;
        positions[i] = position;
        sizes[i] = bytes;
        pins[i] = 1;
        shadowOf[i] = IN_RING;
        recordedTailSequence = recordedTail;
        recordedTailPosition = positionOf(recordedTail);
        shadows.release(recordedTail);
    }

    /** A batch is durable in a shadow, which holds all before it, too. */
    void move(long sequence, int shadow, int offset) {
        assert sequence <= headSequence;
        int i = (int) sequence & mask;
        shadowOf[i] = shadow;
        shadowOffsets[i] = offset;
        movedSequence = sequence;
        movedEnd = positions[i] + sizes[i];
    }

    /** Before batches move: those that the ring can take meanwhile must still find room here. */
    void reserveTables(long sequences) {
        int capacity = mask + 1;
        while (capacity < sequences + batchesInRingMax + 2) {
            capacity *= 2;
        }
        if (capacity == mask + 1) {
            return;
        }
        positions = grown(positions, capacity);
        sizes = grown(sizes, capacity);
        pins = grown(pins, capacity);
        shadowOf = grown(shadowOf, capacity);
        shadowOffsets = grown(shadowOffsets, capacity);
        mask = capacity - 1;
    }

    private long[] grown(long[] old, int capacity) {
        long[] table = new long[capacity];
        for (long sequence = recordedTailSequence; sequence <= headSequence; sequence++) {
            table[(int) sequence & capacity - 1] = old[(int) sequence & mask];
        }
        return table;
    }

    private int[] grown(int[] old, int capacity) {
        int[] table = new int[capacity];
        for (long sequence = recordedTailSequence; sequence <= headSequence; sequence++) {
            table[(int) sequence & capacity - 1] = old[(int) sequence & mask];
        }
        return table;
    }

    /** Batches that recovery would need. */
    long batches() {
        return headSequence - recordedTailSequence + 1;
    }

    /** Recovery: the journal begins at this batch; {@link #append} it and those after it next. */
    void beginAt(long sequence, long position, long batches) {
        headSequence = sequence - 1;
        recordedTailSequence = sequence;
        reserveTables(batches);
        Arrays.fill(pins, 0);
        headPosition = position;
        tailSequence = sequence;
        recordedTailPosition = position;
    }
}
