package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
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
    private boolean locked;
    private boolean waitsToRetry;
    private boolean ended;

    ReadOp(VolumeOwner owner) {
        super(owner.layout());
        this.owner = owner;
        this.reader = new StripeReader(owner, this);
    }

    void read(MemorySegment to, long toOffset, Listener whenRead) {
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
        reader.discardTarget();
        if (!locked) {
            if (owner.locks().withdraw(this)) {
                owner.recycle(this);
            }
        } else if (waitsToRetry) {
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
        reader.read(0, target, targetOffset, this);
    }

    /** Tries again when too few locations had answered. */
    void retry() {
        if (waitsToRetry) {
            waitsToRetry = false;
            reader.read(0, target, targetOffset, this);
        }
    }

    @Override
    public void onRead(StripeReader from) {
        IoStatus status = IoStatus.OK;
        for (int i = 0; i < blocks; i++) {
            switch (reader.verdict(i)) {
                case LOST -> status = IoStatus.MEDIA_ERROR;
                case TOO_FEW_ANSWERS ->
                        status = status == IoStatus.OK ? IoStatus.UNAVAILABLE : status;
                case DATA, EMPTY -> {
                    if (reader.suspects(i) != 0) {
                        owner.suspect(firstBlock + i, slots, reader.suspects(i));
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
        target = MemorySegment.NULL;
        if (waiting != null) {
            waiting.onRead(this, status);
        }
        if (reader.isIdle()) {
            owner.recycle(this);
        } else {
            owner.part(this);
        }
    }

    @Override
    public void onSettled(StripeReader from) {
        if (ended) {
            owner.recycle(this);
        }
    }

    @Override
    void onLinksChanged() {
        reader.onLinksChanged();
    }
}
