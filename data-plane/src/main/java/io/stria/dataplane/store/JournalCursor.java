package io.stria.dataplane.store;

/**
 * Where the rounds of merging stand in the journal: batch by batch from its tail on, and record by
 * record in each. Batches that nothing pins are passed over.
 */
final class JournalCursor {
    private final JournalRing ring;
    private long sequence;
    private int record;
    private int recordsLeft;
    private Area records;

    JournalCursor(JournalRing ring) {
        this.ring = ring;
        this.records = ring.image();
    }

    /** Back to the tail. */
    void rewind() {
        sequence = ring.tailSequence();
        recordsLeft = 0;
    }

    /** The tail may have passed it. */
    void followTail() {
        if (sequence < ring.tailSequence()) {
            rewind();
        }
    }

    boolean isPast(long batch) {
        return sequence > batch;
    }

    /** Goes to its next record in batches up to that one; false if there is none. */
    boolean reaches(long end) {
        while (sequence <= end) {
            if (recordsLeft == 0) {
                openBatch();
            }
            if (recordsLeft > 0) {
                return true;
            }
            sequence++;
        }
        return false;
    }

    private void openBatch() {
        if (ring.pinsOf(sequence) > 0) {
            int offset = ring.offsetOf(sequence);
            records = ring.areaOf(sequence);
            recordsLeft = BatchHead.records(records, offset);
            record = offset + BatchHead.BYTES;
        }
    }

    /** Of the record that was reached. */
    int type() {
        return JournalRecord.type(records, record);
    }

    long key() {
        return JournalRecord.key(records, record);
    }

    /** Leaves the record that was reached. */
    void next() {
        record += JournalRecord.bytes(records, record);
        recordsLeft--;
        if (recordsLeft == 0) {
            sequence++;
        }
    }
}
