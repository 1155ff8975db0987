package io.stria.dataplane.store;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the batches that recovery needs, in the image of the ring and in shadows. Only the newest
 * batch may be torn by a power cut: it was in flight, nobody has an answer, and it is dropped.
 * Damage to an older one is not: a fragment of it that does not match its checksum is kept as bad,
 * and where the records themselves are gone, the device is refused rather than opened without them.
 * So it is where nothing is found in a ring of which not all can be read; and where the newest
 * batch may be one that cannot be read, and may have been answered, it {@linkplain #mayBeCut counts
 * as forgotten}.
 *
 * <p>A batch that has moved to a shadow may be overwritten in the ring, in part, and still look
 * like one there; so the copy in the shadow counts.
 */
final class RingScan {
    interface Visitor {
        void visit(Area area, int record);
    }

    /** A batch in a shadow. */
    private record Moved(int shadow, int offset) {}

    private final JournalRing ring;
    private final Shadows shadows;
    private final Area image;
    private final Area scratch;
    private final long formatId;
    private final Layout layout;
    private final int blockBytes;

    /** Blocks of the ring that are zeros in its image, because the device did not read them. */
    private final BitSet unreadable;

    private final Map<Long, Integer> offsets = new HashMap<>();
    private final Map<Long, Moved> moved = new HashMap<>();
    private long head;
    private long tail = 1;
    private int highWater;
    private boolean mayBeCut;

    RingScan(
            JournalRing ring,
            Shadows shadows,
            Area scratch,
            long formatId,
            Layout layout,
            BitSet unreadable) {
        this.ring = ring;
        this.shadows = shadows;
        this.image = ring.image();
        this.scratch = scratch;
        this.formatId = formatId;
        this.layout = layout;
        this.blockBytes = layout.blockBytes();
        this.unreadable = unreadable;
    }

    /** Looks through the ring. Null, or why the device must be refused. */
    @Nullable String run() {
        long newest = 0;
        for (int offset = 0; offset < ring.ringBytes(); offset += blockBytes) {
            if (BatchHead.isValid(image, offset, formatId, ring.ringBytes() - offset)
                    && ring.offset(BatchHead.position(image, offset)) == offset) {
                long sequence = BatchHead.sequence(image, offset);
                Integer other = offsets.get(sequence);
                if (other == null || !isWhole(other)) {
                    offsets.put(sequence, offset);
                }
                newest = Math.max(newest, sequence);
            }
        }
        if (newest != 0) {
            head = isWhole(ringOffset(newest)) ? newest : newest - 1;
            mayBeCut = isEndUnreadable(ringOffset(newest));
        }
        if (head == 0) {
            return mayHaveBegun()
                    ? "the journal cannot be read, %d of its blocks"
                            .formatted(unreadable.cardinality())
                    : null;
        }
        if (!offsets.containsKey(head)) {
            return "the journal is damaged: batch %d is missing".formatted(head);
        }
        tail = BatchHead.tail(image, ringOffset(head));
        highWater = BatchHead.highWater(image, ringOffset(head));
        return null;
    }

    /**
     * Whether what would tell that the ring was ever written cannot be read: the first batch begins
     * where the ring does, and so does one of each lap.
     */
    private boolean mayHaveBegun() {
        return unreadable.get(0) || 2 * unreadable.cardinality() > ring.ringBytes() / blockBytes;
    }

    /** Whether it is torn for want of a block, or the block where the next one would begin is. */
    private boolean isEndUnreadable(int newest) {
        int end = newest + BatchHead.bytes(image, newest);
        boolean mayWrap = ring.ringBytes() - end < layout.batchBytesMax();
        return unreadable.get(end / blockBytes)
                || (mayWrap && unreadable.get(0))
                || !unreadable.get(newest / blockBytes, end / blockBytes).isEmpty();
    }

    /** A batch may be missing behind the newest that was found. */
    boolean mayBeCut() {
        return mayBeCut;
    }

    private boolean isWhole(int offset) {
        return BatchHead.isWhole(image, offset, scratch);
    }

    private int ringOffset(long sequence) {
        return Objects.requireNonNull(offsets.get(sequence));
    }

    /**
     * Takes what is needed of a shadow's content, which is copied then. Each batch tells by itself
     * which one it is and whether it is whole, so what cannot be read of the others does not
     * matter: the first ones of a shadow may be of no use any more when its last one is.
     */
    void takeShadow(int shadow, Area content) {
        long last = 0;
        int at = 0;
        while (at < content.bytes()) {
            long sequence =
                    BatchHead.isValid(content, at, formatId, content.bytes() - at)
                            ? BatchHead.sequence(content, at)
                            : 0;
            boolean needed = sequence >= tail && sequence <= head;
            boolean best = needed && isBestCopy(sequence, content, at);
            if (best) {
                moved.put(sequence, new Moved(shadow, at));
                last = Math.max(last, sequence);
            }
            boolean passed = best || (needed && isCopyOfMoved(sequence, content, at));
            at += passed ? BatchHead.bytes(content, at) : blockBytes;
        }
        if (last != 0) {
            shadows.area(shadow).copyFrom(content, 0, 0, content.bytes());
            shadows.take(shadow, last);
        }
    }

    /**
     * A shadow that was being written when the power went may be torn: then the ring had all of it,
     * and has it yet, or another shadow has. If neither has, the shadow was whole once.
     */
    private boolean isBestCopy(long sequence, Area content, int at) {
        Integer inRing = offsets.get(sequence);
        return BatchHead.isWhole(content, at, scratch)
                || (!moved.containsKey(sequence)
                        && (inRing == null || !isWhole(inRing))
                        && BatchHead.hasIntactRecords(content, at, scratch));
    }

    /** Another shadow has it; what follows here may be nowhere else. */
    private boolean isCopyOfMoved(long sequence, Area content, int at) {
        return moved.containsKey(sequence) && BatchHead.hasIntactRecords(content, at, scratch);
    }

    /** With all at hand: null, or why the device must be refused. */
    @Nullable String check() {
        boolean mayHaveMoved = true;
        for (long sequence = tail; head != 0 && sequence <= head; sequence++) {
            mayHaveMoved &= moved.containsKey(sequence);
            if (!mayHaveMoved) {
                moved.remove(sequence);
            }
            Integer inRing = offsets.get(sequence);
            boolean found =
                    mayHaveMoved
                            || (inRing != null
                                    && BatchHead.hasIntactRecords(image, inRing, scratch)
                                    && BatchHead.position(image, inRing)
                                            <= BatchHead.position(image, ringOffset(head)));
            if (!found) {
                return "the journal is damaged: batch %d of %d to %d is not whole"
                        .formatted(sequence, tail, head);
            }
        }
        return null;
    }

    /** All that recovery needs, oldest first. */
    void forEachRecord(Visitor visitor) {
        for (long sequence = tail; sequence <= head; sequence++) {
            Area area = areaOf(sequence);
            int offset = offsetOf(sequence);
            int at = offset + BatchHead.BYTES;
            for (int i = BatchHead.records(area, offset); i > 0; i--) {
                visitor.visit(area, at);
                at += JournalRecord.bytes(area, at);
            }
        }
    }

    Area areaOf(long sequence) {
        int shadow = shadowOf(sequence);
        return shadow == Shadows.NONE ? image : shadows.area(shadow);
    }

    int offsetOf(long sequence) {
        Moved place = moved.get(sequence);
        return place == null ? ringOffset(sequence) : place.offset();
    }

    int shadowOf(long sequence) {
        Moved place = moved.get(sequence);
        return place == null ? Shadows.NONE : place.shadow();
    }

    /** The newest batch; 0: the journal is empty. */
    long head() {
        return head;
    }

    /** The oldest batch that is needed. */
    long tail() {
        return tail;
    }

    int highWater() {
        return highWater;
    }
}
