package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;

/**
 * Moves the oldest batches of the ring to a shadow, as many as one takes. The ring keeps them until
 * they are durable there, so a power cut finds them in one place or in both.
 */
final class ShadowWriter implements BlockFile.Completion {
    /**
     * Of the shadows, one in so many, and one at least, is for commands at any time; the others are
     * for take-overs.
     */
    private static final int COMMANDS_SHARE = 16;

    private final BlockFile file;
    private final Layout layout;
    private final JournalRing ring;
    private final Shadows shadows;
    private final StoreHealth health;
    private final StoreCounters counters;
    private boolean writing;
    private int shadow;
    private long first;
    private long last;
    private int bytes;

    ShadowWriter(
            BlockFile file,
            Layout layout,
            JournalRing ring,
            Shadows shadows,
            StoreHealth health,
            StoreCounters counters) {
        this.file = file;
        this.layout = layout;
        this.ring = ring;
        this.shadows = shadows;
        this.health = health;
        this.counters = counters;
    }

    boolean isIdle() {
        return !writing;
    }

    /**
     * Begins to move batches; false if there is nothing to move or no shadow for it.
     *
     * @param urgent for those who must not wait for the committed watermark
     */
    boolean start(boolean urgent) {
        assert !writing;
        int found = shadows.find();
        if (found == Shadows.NONE
                || (!urgent && shadows.used() >= Math.max(1, shadows.count() / COMMANDS_SHARE))) {
            return false;
        }
        shadow = found;
        first = ring.ringTailSequence();
        bytes = 0;
        long next = first;
        while (next <= ring.headSequence() && bytes + ring.sizeOf(next) <= shadows.bytes()) {
            shadows.area(shadow)
                    .copyFrom(ring.areaOf(next), ring.offsetOf(next), bytes, ring.sizeOf(next));
            bytes += ring.sizeOf(next++);
        }
        if (next == first) {
            return false;
        }
        last = next - 1;
        writing = true;
        counters.shadowBytesWritten += bytes;
        file.write(
                layout.shadowOffset(shadow),
                shadows.area(shadow).segment(),
                0,
                bytes,
                true,
                this,
                0);
        return true;
    }

    @Override
    public void complete(long token, int result) {
        writing = false;
        if (result != bytes) {
            counters.writeErrors++;
            health.fail();
            return;
        }
        if (last < ring.recordedTailSequence()) {
            return;
        }
        shadows.take(shadow, last);
        ring.reserveTables(ring.batches());
        int offset = 0;
        for (long sequence = first; sequence <= last; sequence++) {
            int size = BatchHead.bytes(shadows.area(shadow), offset);
            if (sequence >= ring.recordedTailSequence()) {
                ring.move(sequence, shadow, offset);
            }
            offset += size;
        }
    }
}
