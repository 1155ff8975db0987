package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** One read of consecutive blocks of one page; shares its blocks with other reads. */
final class ReadOp extends StripeOp implements StripeReader.Listener {
    /** Hears of the end. */
    interface Listener {
        void onRead(ReadOp op, IoStatus status);
    }

    private final VolumeOwner owner;
    private final StripeReader reader;
    private MemorySegment target = MemorySegment.NULL;
    private long targetOffset;
    private @Nullable Listener listener;

    /** The whole block, when the host wants a part of one. */
    private @Nullable MemorySegment whole;

    private int partOffset;

    /** 0 if the blocks are read whole. */
    private int partBytes;

    private boolean locked;
    private boolean waitsToRetry;
    private boolean ended;

    ReadOp(VolumeOwner owner) {
        super(owner.layout());
        this.owner = owner;
        this.reader = new StripeReader(owner, this);
    }

    void read(MemorySegment to, long toOffset, Listener whenRead) {
        partBytes = 0;
        begin(to, toOffset, whenRead);
    }

    /** Reads part of the one block that the range is. */
    void readPart(int offset, int bytes, MemorySegment to, long toOffset, Listener whenRead) {
        assert blocks == 1 && offset + bytes <= BlockDevice.BLOCK_BYTES;
        partOffset = offset;
        partBytes = bytes;
        if (whole == null) {
            whole = Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64);
        }
        begin(to, toOffset, whenRead);
    }

    private void begin(MemorySegment to, long toOffset, Listener whenRead) {
        target = to;
        targetOffset = toOffset;
        listener = whenRead;
        locked = false;
        ended = false;
        waitsToRetry = false;
        owner.locks().acquire(this);
    }

    /** Nobody waits any more; the target is not touched from now on. */
    void forget() {
        listener = null;
        if (!locked) {
            // The reader still knows the target of the read before, whose memory is not ours.
            if (owner.locks().withdraw(this)) {
                owner.ops().recycle(this);
            }
            return;
        }
        reader.discardTarget();
        if (waitsToRetry) {
            end(IoStatus.ABORTED);
        }
    }

    @Override
    boolean exclusive() {
        return false;
    }

    @Override
    void onLocked() {
        locked = true;
        read();
    }

    private void read() {
        MemorySegment block = whole;
        if (partBytes > 0 && block != null) {
            reader.read(0, block, 0, this);
        } else {
            reader.read(0, target, targetOffset, this);
        }
    }

    /** Tries again when too few locations had answered. */
    void retry() {
        if (waitsToRetry) {
            waitsToRetry = false;
            read();
        }
    }

    @Override
    public void onRead(StripeReader from) {
        IoStatus status = IoStatus.OK;
        for (int i = 0; i < blocks; i++) {
            switch (reader.found().verdict(i)) {
                case LOST -> status = IoStatus.MEDIA_ERROR;
                case TOO_FEW_ANSWERS ->
                        status = status == IoStatus.OK ? IoStatus.UNAVAILABLE : status;
                case DATA, EMPTY -> {
                    if (reader.found().suspects(i) != 0) {
                        owner.suspect(
                                firstBlock + i,
                                slots,
                                reader.found().suspects(i),
                                reader.found().toldBad(i));
                    }
                }
            }
        }
        if (status == IoStatus.UNAVAILABLE && listener != null) {
            waitsToRetry = true;
            owner.retryLater();
        } else {
            end(status);
        }
    }

    private void end(IoStatus status) {
        waitsToRetry = false;
        ended = true;
        owner.locks().release(this);
        Listener waiting = listener;
        listener = null;
        MemorySegment block = whole;
        if (waiting != null && partBytes > 0 && block != null) {
            MemorySegment.copy(block, partOffset, target, targetOffset, partBytes);
        }
        target = MemorySegment.NULL;
        if (waiting != null) {
            waiting.onRead(this, status);
        }
        if (reader.isIdle()) {
            owner.ops().recycle(this);
        } else {
            owner.ops().part(this);
        }
    }

    @Override
    public void onSettled(StripeReader from) {
        if (ended) {
            owner.ops().recycle(this);
        }
    }

    @Override
    void onLinksChanged() {
        reader.onLinksChanged();
    }
}
