package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.WaitingLine;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request of a host, split at page boundaries into stripe operations, a few of them in flight
 * at a time. A block of which it covers a part is an operation of its own. It answers once: with
 * the first error, or when all are done. Pooled.
 */
final class HostIo extends WaitingLine.Waiter
        implements IoRequest.Executor, WriteOp.Listener, ReadOp.Listener {
    private static final int IN_FLIGHT_MAX = 8;
    private static final MemorySegment ZEROS =
            Arena.ofAuto().allocate(BlockDevice.BLOCK_BYTES, 64).asReadOnly();

    private final VolumeOwner owner;
    private final HostRequests requests;
    private final List<StripeOp> ops = new ArrayList<>(IN_FLIGHT_MAX);
    private @Nullable IoRequest request;
    private IoOp kind = IoOp.READ;
    private long nextByte;
    private long endByte;
    private IoStatus status = IoStatus.OK;
    private long beganNs;
    private long deadlineNs;

    /** Where it is among the requests that are active. */
    int place;

    HostIo(VolumeOwner owner, HostRequests requests) {
        this.owner = owner;
        this.requests = requests;
    }

    void begin(IoRequest of, long nowNs, long waitNs) {
        request = of;
        of.executor(this);
        kind = of.op();
        nextByte = firstByte(of);
        endByte = (of.block() + of.blocks()) * BlockDevice.BLOCK_BYTES - of.tailBytes();
        status = IoStatus.OK;
        beganNs = nowNs;
        deadlineNs = nowNs + waitNs;
        pump();
    }

    /** When it fails, unless it has ended. */
    long deadlineNs() {
        return deadlineNs;
    }

    @Override
    public void onGivenUp() {
        requests.onGivenUp(this);
    }

    /**
     * Ends, if the request that it has by now is given up. What has its lock goes on under it,
     * before whatever is asked for later. What waits for one never happens, unless the end of
     * another that was given up with it has just made it the next to have that lock.
     */
    void endIfGivenUp() {
        if (request != null && request.isGivenUp()) {
            fail(IoStatus.ABORTED);
        }
    }

    /** An operation is free for it; false if it needs none any more. */
    boolean takeTurn() {
        if (request == null || status != IoStatus.OK) {
            return false;
        }
        boolean goesOn = !request.isGivenUp();
        pump();
        return goesOn;
    }

    boolean isRead() {
        return kind == IoOp.READ;
    }

    long beganNs() {
        return beganNs;
    }

    private static long firstByte(IoRequest of) {
        return of.block() * BlockDevice.BLOCK_BYTES + of.headBytes();
    }

    /**
     * Begins as many operations as may be in flight; called again when one ends or pools have room.
     * When nobody waits for the request any more, what has begun is all: it is locked before what
     * the host asks for next on another queue, and what began now would not be.
     */
    private void pump() {
        if (nextByte < endByte && request().isGivenUp()) {
            status = IoStatus.ABORTED;
            nextByte = endByte;
        }
        while (status == IoStatus.OK && nextByte < endByte && ops.size() < IN_FLIGHT_MAX) {
            long block = nextByte / BlockDevice.BLOCK_BYTES;
            int head = (int) (nextByte % BlockDevice.BLOCK_BYTES);
            long left = endByte - nextByte;
            boolean isPart = head > 0 || left < BlockDevice.BLOCK_BYTES;
            long bytes =
                    isPart
                            ? Math.min(BlockDevice.BLOCK_BYTES - head, left)
                            : wholeBytes(block, left / BlockDevice.BLOCK_BYTES);
            IoRequest of = request;
            if (!(isPart ? launchPart(block, head, (int) bytes) : launch(block, bytes))) {
                owner.ops().starved(this);
                return;
            }
            assert request == of : "ended within its own submit";
            nextByte += bytes;
        }
        if (ops.isEmpty()) {
            answer(status);
        }
    }

    private long wholeBytes(long block, long blocks) {
        return (long) owner.pages().pieceBlocks(block, blocks, kind) * BlockDevice.BLOCK_BYTES;
    }

    private IoRequest request() {
        return Objects.requireNonNull(request);
    }

    /** Where in the host's buffer the next byte is. */
    private long bufferOffset() {
        return request().bufferOffset() + nextByte - firstByte(request());
    }

    private boolean launch(long block, long bytes) {
        int count = (int) (bytes / BlockDevice.BLOCK_BYTES);
        if (kind == IoOp.READ) {
            ReadOp op = owner.ops().readOrNull(block, count);
            if (op == null) {
                return false;
            }
            ops.add(op);
            op.read(request().buffer(), bufferOffset(), this);
        } else {
            WriteOp op = owner.ops().writeOrNull(block, count);
            if (op == null) {
                return false;
            }
            ops.add(op);
            if (kind == IoOp.WRITE) {
                op.write(request().buffer(), bufferOffset(), this);
            } else {
                op.unmap(this);
            }
        }
        return true;
    }

    private boolean launchPart(long block, int head, int bytes) {
        if (kind == IoOp.READ) {
            ReadOp op = owner.ops().readOrNull(block, 1);
            if (op == null) {
                return false;
            }
            ops.add(op);
            op.readPart(head, bytes, request().buffer(), bufferOffset(), this);
        } else {
            WriteOp op = owner.ops().writeOrNull(block, 1);
            if (op == null) {
                return false;
            }
            ops.add(op);
            boolean writes = kind == IoOp.WRITE;
            op.writePart(
                    head,
                    bytes,
                    writes ? request().buffer() : ZEROS,
                    writes ? bufferOffset() : 0,
                    this);
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
        if (opStatus == IoStatus.NO_SPACE) {
            // Told when nothing of it is under way any more: what is could be found by the next
            // owner.
            status = opStatus;
            nextByte = endByte;
            pump();
        } else if (opStatus != IoStatus.OK) {
            fail(opStatus);
        } else {
            pump();
        }
    }

    /** Answers now; reads stop touching the buffer, writes that were begun go on by themselves. */
    void fail(IoStatus with) {
        status = with;
        nextByte = endByte;
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
            requests.answered(this, of, with);
        }
    }
}
