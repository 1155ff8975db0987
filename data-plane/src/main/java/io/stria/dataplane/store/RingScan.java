package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentFormat;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the batches that recovery needs in the image of the ring. Only the newest batch may be torn
 * by a power cut: it was in flight, nobody has an answer, and it is dropped. Damage to an older one
 * is not: a fragment of it that does not match its checksum is kept as bad, and where the records
 * themselves are gone, the device is refused rather than opened without them.
 */
final class RingScan {
    private final JournalRing ring;
    private final long formatId;
    private final int blockBytes;
    private final Map<Long, Integer> offsets = new HashMap<>();
    private long head;
    private long tail = 1;
    private int highWater;

    RingScan(JournalRing ring, long formatId, int blockBytes) {
        this.ring = ring;
        this.formatId = formatId;
        this.blockBytes = blockBytes;
    }

    /** Null, or why the device must be refused. */
    @Nullable String run() {
        long newest = 0;
        for (int offset = 0; offset < ring.ringBytes(); offset += blockBytes) {
            if (ring.isBatchHead(offset, formatId)) {
                long sequence = ring.batchSequence(offset);
                Integer other = offsets.get(sequence);
                if (other == null || !isWhole(other)) {
                    offsets.put(sequence, offset);
                }
                newest = Math.max(newest, sequence);
            }
        }
        if (newest == 0) {
            return null;
        }
        head = isWhole(offsetOf(newest)) ? newest : newest - 1;
        if (head == 0) {
            return null;
        }
        if (!offsets.containsKey(head)) {
            return "the journal is damaged: batch %d is missing".formatted(head);
        }
        tail = ring.batchTail(offsetOf(head));
        highWater = ring.batchHighWater(offsetOf(head));
        for (long sequence = tail; sequence <= head; sequence++) {
            if (!offsets.containsKey(sequence)
                    || !ring.hasIntactRecords(offsetOf(sequence))
                    || ring.batchPosition(offsetOf(sequence))
                            > ring.batchPosition(offsetOf(head))) {
                return "the journal is damaged: batch %d of %d to %d is not whole"
                        .formatted(sequence, tail, head);
            }
        }
        return null;
    }

    /** Records and data: nothing of the batch is missing. */
    private boolean isWhole(int offset) {
        if (!ring.hasIntactRecords(offset)) {
            return false;
        }
        int at = offset + JournalRing.BATCH_HEAD_BYTES;
        for (int i = ring.batchRecords(offset); i > 0; i--) {
            if (!hasIntactData(at)) {
                return false;
            }
            at += JournalRecord.bytes(ring.image(), at);
        }
        return true;
    }

    private boolean hasIntactData(int record) {
        Area image = ring.image();
        int type = JournalRecord.type(image, record);
        int count = JournalRecord.count(image, record);
        int bytes = 1 << JournalRecord.fragmentShift(image, record);
        int data = record + JournalRecord.descriptorBytes(type, count);
        boolean damaged = (JournalRecord.flags(image, record) & JournalRecord.DAMAGED) != 0;
        if (damaged || (type != JournalRecord.WRITE && type != JournalRecord.REPLACE)) {
            return true;
        }
        for (int i = 0; i < count; i++) {
            boolean replace = type == JournalRecord.REPLACE;
            int flags = replace ? JournalRecord.replaceFlags(image, record, i) : 0;
            if (!JournalRecord.hasData(flags)) {
                continue;
            }
            int crc =
                    replace
                            ? JournalRecord.replaceCrc(image, record, i)
                            : JournalRecord.crc(image, record, i);
            if ((flags & FragmentFormat.BAD) == 0 && image.crc(data, bytes) != crc) {
                return false;
            }
            data += bytes;
        }
        return true;
    }

    int offsetOf(long sequence) {
        return Objects.requireNonNull(offsets.get(sequence));
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
