package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a write of part of a block does first, under the block's lock: it reads the block, and puts
 * the part into it. Belongs to one {@link WriteOp}; one merge at a time.
 */
final class BlockMerge implements StripeReader.Listener {
    private final VolumeOwner owner;
    private final WriteOp op;
    private final StripeReader reader;
    private final MemorySegment block = Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64);
    private MemorySegment part = MemorySegment.NULL;
    private long partAt;
    private int offset;
    private int bytes;
    private boolean waitsToRetry;

    BlockMerge(VolumeOwner owner, WriteOp op) {
        this.owner = owner;
        this.op = op;
        this.reader = new StripeReader(owner, op);
    }

    /** Sets what to put where; it is read from its source when the block has been read. */
    void set(int offsetInBlock, int partBytes, MemorySegment source, long sourceOffset) {
        assert offsetInBlock + partBytes <= BlockDevice.BLOCK_BYTES;
        offset = offsetInBlock;
        bytes = partBytes;
        part = source;
        partAt = sourceOffset;
        waitsToRetry = false;
    }

    /** Reads the block of the operation, whose {@code onMerged} is called when that has ended. */
    void begin() {
        reader.readForMerge(block, this);
    }

    /** Tries again when too few locations had answered. */
    void retry() {
        if (waitsToRetry) {
            waitsToRetry = false;
            begin();
        }
    }

    /** The operation has ended without it: nothing is to be tried again. */
    void stop() {
        waitsToRetry = false;
    }

    /** Nothing is being read: too few locations have answered. */
    boolean waitsToRetry() {
        return waitsToRetry;
    }

    /** The part is not touched from now on. */
    void forget() {
        part = MemorySegment.NULL;
        partAt = 0;
        bytes = 0;
    }

    /** Every command has ended. */
    boolean isIdle() {
        return reader.isIdle();
    }

    void onLinksChanged() {
        reader.onLinksChanged();
    }

    @Override
    public void onRead(StripeReader from) {
        switch (reader.found().verdict(0)) {
            case LOST -> op.onMerged(IoStatus.MEDIA_ERROR, block);
            case TOO_FEW_ANSWERS -> {
                waitsToRetry = true;
                owner.retryLater();
                op.onMerged(IoStatus.UNAVAILABLE, block);
            }
            case DATA, EMPTY -> {
                // What is old or corrupt somewhere is replaced by what is written now.
                MemorySegment.copy(part, partAt, block, offset, bytes);
                op.onMerged(IoStatus.OK, block);
            }
        }
    }

    @Override
    public void onSettled(StripeReader from) {
        op.onSettled();
    }
}
