package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Decides one candidate block at take-over and writes the choice again under the new epoch (design
 * rules 7 and 8): the newest version of which n fragments exist among the in-sync stores, found by
 * reading at ever older versions.
 */
final class DecideOp extends StripeOp implements StripeReader.Listener, WriteOp.Listener {
    /** Hears of the end. */
    interface Listener {
        /**
         * {@code OK} when the choice is durable; {@code UNAVAILABLE}: too few answers now; {@code
         * MEDIA_ERROR}: none found.
         */
        void onDecided(DecideOp op, IoStatus status);
    }

    private final VolumeOwner owner;
    private final StripeReader reader;
    private final MemorySegment data = Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64);
    private Listener listener = (op, status) -> {};

    /** The watermark up to which those who are asked have been compared. */
    private long inherited;

    DecideOp(VolumeOwner owner) {
        super(owner.layout());
        this.owner = owner;
        this.reader = new StripeReader(owner, this);
    }

    /** The range is set, one block. No lock is needed: nothing else runs during a take-over. */
    void decide(Listener whenDecided) {
        listener = whenDecided;
        inherited = owner.watermark().inherited();
        reader.readAllAt(-1L, data, 0, this);
    }

    @Override
    boolean exclusive() {
        return true;
    }

    @Override
    void onLocked() {
        throw new AssertionError("a decision takes no lock");
    }

    @Override
    void onLinksChanged() {
        reader.onLinksChanged();
    }

    /** Nothing of it is in flight: it may be used again. */
    boolean isIdle() {
        return reader.isIdle();
    }

    @Override
    public void onRead(StripeReader from) {
        if (!haveAllVoted()) {
            listener.onDecided(this, IoStatus.UNAVAILABLE);
            return;
        }
        switch (reader.found().verdict(0)) {
            case DATA -> owner.ops().write(firstBlock, 1).write(data, 0, this);
            case EMPTY -> owner.ops().write(firstBlock, 1).unmap(this);
            case LOST, TOO_FEW_ANSWERS -> tryOlder();
        }
    }

    /**
     * All in sync are there and compared, and those of the block have answered. Otherwise one that
     * has not may hold what was acknowledged, or one that has may have to be compared anew. One
     * that was away and is back was not asked again.
     */
    private boolean haveAllVoted() {
        for (int chunk = 0; chunk < slots.length; chunk++) {
            StoreLink link = owner.links().get(slots[chunk]);
            if (link.isUsed() && !link.isBehind() && !reader.isAnswered(chunk)) {
                return false;
            }
        }
        return owner.links().allTrusted() && owner.watermark().inherited() == inherited;
    }

    /**
     * The newest version seen has too few fragments. That it was never acknowledged is proven only
     * when no more than two locations are silent or corrupt, and only down to what was committed:
     * below that every in-sync store must agree.
     */
    private void tryOlder() {
        long newest = reader.found().version(0);
        if (reader.found().good(0) < owner.layout().dataFragments()) {
            listener.onDecided(this, IoStatus.UNAVAILABLE);
        } else if (Long.compareUnsigned(newest, owner.watermark().inherited()) <= 0) {
            listener.onDecided(
                    this,
                    reader.found().verdict(0) == StripeFindings.Verdict.LOST
                            ? IoStatus.MEDIA_ERROR
                            : IoStatus.UNAVAILABLE);
        } else {
            reader.readAllAt(newest - 1, data, 0, this);
        }
    }

    @Override
    public void onWritten(WriteOp op, IoStatus status) {
        listener.onDecided(this, status);
    }
}
