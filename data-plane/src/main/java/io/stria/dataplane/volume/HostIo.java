package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of a host, split at page boundaries into stripe operations, a few of them in flight
 * at a time. It answers once: with the first error, or when all are done. Pooled.
 */
final class HostIo implements WriteOp.Listener, ReadOp.Listener {
    private static final int IN_FLIGHT_MAX = 8;

    private final VolumeOwner owner;
    private final List<StripeOp> ops = new ArrayList<>(IN_FLIGHT_MAX);
    private @Nullable IoRequest request;
    private IoOp kind = IoOp.READ;
    private long nextBlock;
    private long endBlock;
    private IoStatus status = IoStatus.OK;
    private long deadlineNs;

    HostIo(VolumeOwner owner) {
        this.owner = owner;
    }

    void begin(IoRequest of, long deadline) {
        request = of;
        kind = of.op();
        nextBlock = of.block();
        endBlock = of.block() + of.blocks();
        status = IoStatus.OK;
        deadlineNs = deadline;
        pump();
    }

    boolean isOverdue(long nowNs) {
        return nowNs - deadlineNs >= 0;
    }

    /** Nothing of it is to begin any more. */
    boolean hasEnded() {
        return request == null || status != IoStatus.OK;
    }

    boolean isRead() {
        return kind == IoOp.READ;
    }

    /**
     * Begins as many operations as may be in flight; called again when one ends or pools have room.
     */
    void pump() {
        while (status == IoStatus.OK && nextBlock < endBlock && ops.size() < IN_FLIGHT_MAX) {
            int count = owner.pieceBlocks(nextBlock, endBlock - nextBlock, kind);
            if (!launch(nextBlock, count)) {
                owner.starved(this);
                return;
            }
            nextBlock += count;
        }
        if (ops.isEmpty()) {
            answer(status);
        }
    }

    private boolean launch(long block, int count) {
        IoRequest of = java.util.Objects.requireNonNull(request);
        long offset = of.bufferOffset() + (block - of.block()) * BlockDevice.BLOCK_BYTES;
        if (kind == IoOp.READ) {
            ReadOp op = owner.readOpOrNull(block, count);
            if (op == null) {
                return false;
            }
            ops.add(op);
            op.read(of.buffer(), offset, this);
        } else {
            WriteOp op = owner.writeOpOrNull(block, count);
            if (op == null) {
                return false;
            }
            ops.add(op);
            if (kind == IoOp.WRITE) {
                op.write(of.buffer(), offset, this);
            } else {
                op.unmap(this);
            }
        }
        return true;
    }

    @Override
    public void onWritten(WriteOp op, IoStatus opStatus) {
        ended(op, opStatus);
    }

    @Override
    public void onRead(ReadOp op, IoStatus opStatus) {
        ended(op, opStatus);
    }

    private void ended(StripeOp op, IoStatus opStatus) {
        ops.remove(op);
        if (opStatus != IoStatus.OK) {
            fail(opStatus);
        } else {
            pump();
        }
    }

    /** Answers now; reads stop touching the buffer, writes that were begun go on by themselves. */
    void fail(IoStatus with) {
        status = with;
        nextBlock = endBlock;
        for (StripeOp op : ops) {
            if (op instanceof ReadOp read) {
                read.forget();
            } else {
                ((WriteOp) op).forget();
            }
        }
        ops.clear();
        answer(with);
    }

    private void answer(IoStatus with) {
        IoRequest of = request;
        if (of != null) {
            request = null;
            owner.answered(this, of, with);
        }
    }
}
