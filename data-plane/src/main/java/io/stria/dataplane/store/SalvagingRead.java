package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Reads a range of the device, and block by block what it does not give at once: a bad sector takes
 * no more than its own block with it. One range at a time.
 */
final class SalvagingRead implements BlockFile.Completion {
    private static final long ALL = -1;

    private final BlockFile file;
    private final int blockBytes;
    private final Area target;
    private final StoreCounters counters;
    private final IntConsumer whenUnreadable;
    private final IntConsumer whenDone;
    private final int number;
    private long offset;
    private int targetOffset;
    private int bytes;
    private int blocksLeft;

    /**
     * @param whenUnreadable gets the offset in the target of a block that was not read: there may
     *     be anything
     * @param whenDone gets the number
     */
    SalvagingRead(
            BlockFile file,
            Layout layout,
            Area target,
            StoreCounters counters,
            IntConsumer whenUnreadable,
            IntConsumer whenDone,
            int number) {
        this.file = file;
        this.blockBytes = layout.blockBytes();
        this.target = target;
        this.counters = counters;
        this.whenUnreadable = whenUnreadable;
        this.whenDone = whenDone;
        this.number = number;
    }

    /** So many for one target, numbered from zero, each for a part of it that is its own. */
    static SalvagingRead[] several(
            int count,
            BlockFile file,
            Layout layout,
            Area target,
            StoreCounters counters,
            IntConsumer whenUnreadable,
            IntConsumer whenDone) {
        SalvagingRead[] reads = new SalvagingRead[count];
        Arrays.setAll(
                reads,
                number ->
                        new SalvagingRead(
                                file, layout, target, counters, whenUnreadable, whenDone, number));
        return reads;
    }

    /** Begins to read whole blocks. */
    void start(long newOffset, int newTargetOffset, int newBytes) {
        offset = newOffset;
        targetOffset = newTargetOffset;
        bytes = newBytes;
        file.read(offset, target.segment(), targetOffset, bytes, this, ALL);
    }

    @Override
    public void complete(long token, int result) {
        if (token != ALL) {
            blockRead((int) token, result);
        } else if (result == bytes) {
            whenDone.accept(number);
        } else {
            counters.readErrors++;
            readBlocks();
        }
    }

    private void readBlocks() {
        blocksLeft = bytes / blockBytes;
        for (int at = 0; at < bytes; at += blockBytes) {
            int block = targetOffset + at;
            file.read(offset + at, target.segment(), block, blockBytes, this, block);
        }
    }

    private void blockRead(int block, int result) {
        if (result != blockBytes) {
            whenUnreadable.accept(block);
        }
        if (--blocksLeft == 0) {
            whenDone.accept(number);
        }
    }
}
