package io.stria.simulator;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.Stamps;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One IO of a host, from its begin to its answer: whatever paths it takes in between, it is the
 * same command, and its answer is checked against the history.
 */
final class HostIo {
    final IoOp op;
    final long first;
    final int blocks;
    private final ClusterConfig config;
    private final int lbaBytes;
    private final VolumeHistory history;
    private final Multipath multipath;
    private final Consumer<HostIo> whenEnded;
    private final long stamp;
    private final List<BlockHistory.Write> writes = new ArrayList<>();
    private final List<BlockHistory.Window> windows = new ArrayList<>();
    private boolean mustSucceed;

    /** On one path after the other. */
    private int attempts;

    /** Those of which something may still be under way. */
    private int attemptsLeft;

    private boolean givenUp;
    private boolean ended;

    /**
     * @param first logical block
     */
    HostIo(
            VolumeHistory history,
            Multipath multipath,
            ClusterConfig config,
            IoOp op,
            long first,
            int blocks,
            Consumer<HostIo> whenEnded) {
        this.history = history;
        this.multipath = multipath;
        this.config = config;
        this.lbaBytes = config.lbaBytes();
        this.op = op;
        this.first = first;
        this.blocks = blocks;
        this.whenEnded = whenEnded;
        this.stamp = op == IoOp.WRITE ? history.newStamp() : BlockHistory.ZEROS;
    }

    /** An error is a failure of the run. */
    void mustSucceed() {
        mustSucceed = true;
    }

    void begin() {
        for (int i = 0; i < blocks; i++) {
            BlockHistory block = history.block(first + i);
            if (op == IoOp.READ) {
                windows.add(block.beginRead());
            } else {
                writes.add(block.begin(stamp));
            }
        }
        multipath.send(this);
    }

    /**
     * The host does without an answer from now on, and nothing is sent again: what was written may
     * be there or not. It ends when nothing of it is under way any more.
     */
    void giveUp() {
        givenUp = true;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    void attemptBegins() {
        attempts++;
        attemptsLeft++;
    }

    void attemptEnded() {
        attemptsLeft--;
        endIfGivenUp();
    }

    void endIfGivenUp() {
        if (givenUp && attemptsLeft == 0 && !ended) {
            ended = true;
            history.gaveUp();
            for (int i = 0; i < writes.size(); i++) {
                history.block(first + i).failed(writes.get(i));
            }
            whenEnded.accept(this);
        }
    }

    /** Puts what is to be written into the buffer of an attempt. */
    void fill(MemorySegment buffer) {
        if (op == IoOp.WRITE) {
            Stamps.fillAll(buffer, lbaBytes, first, blocks, stamp);
        }
    }

    /** Sets what is asked of the device: blocks, with what is left out of them. */
    void set(IoRequest request, MemorySegment buffer, IoRequest.Completion completion) {
        int perBlock = BlockDevice.BLOCK_BYTES / lbaBytes;
        long block = first / perBlock;
        long end = (first + blocks + perBlock - 1) / perBlock;
        request.set(op, block, (int) (end - block), buffer, 0, completion)
                .trim(
                        (int) (first - block * perBlock) * lbaBytes,
                        (int) (end * perBlock - first - blocks) * lbaBytes);
    }

    /** The answer, with what was read in the buffer. */
    void answered(IoStatus status, MemorySegment buffer) {
        switch (status) {
            case OK -> succeeded(buffer);
            case UNAVAILABLE -> failed(status);
            case NO_SPACE -> hadNoRoom();
            default -> throw new AssertionError(this + " ended with " + status);
        }
        ended = true;
        whenEnded.accept(this);
    }

    private void succeeded(MemorySegment buffer) {
        for (int i = 0; i < blocks; i++) {
            BlockHistory block = history.block(first + i);
            if (op == IoOp.READ) {
                long found = Stamps.read(buffer, (long) i * lbaBytes, lbaBytes, first + i);
                block.endRead(windows.get(i), found);
            } else {
                block.acknowledged(writes.get(i));
            }
        }
        if (op == IoOp.READ) {
            history.read();
        } else {
            history.wrote();
        }
    }

    /**
     * What has data has room, too, all of its page, and so has a discard, but for one of a part of
     * a block. What the owner does at once, and was asked for once, is done as a whole or not at
     * all.
     */
    private void hadNoRoom() {
        boolean mayNeedRoom =
                op == IoOp.WRITE || (op == IoOp.UNMAP && lbaBytes < BlockDevice.BLOCK_BYTES);
        if (!mayNeedRoom || !mayHaveNothingInAPage()) {
            throw new AssertionError(this + " had no room, which it does not need");
        }
        history.refused();
        int unit =
                lbaBytes < BlockDevice.BLOCK_BYTES ? config.lbasPerBlock() : config.lbasPerPage();
        if (attempts == 1 && first / unit == (first + blocks - 1) / unit && !mustSucceed) {
            history.failed();
            for (int i = 0; i < writes.size(); i++) {
                history.block(first + i).refused(writes.get(i));
            }
        } else {
            failed(IoStatus.NO_SPACE);
        }
    }

    /** Of one of its pages there may be nothing that this is part of. */
    private boolean mayHaveNothingInAPage() {
        int perPage = config.lbasPerPage();
        for (long page = first / perPage; page <= (first + blocks - 1) / perPage; page++) {
            long from = Math.max(first, page * perPage);
            long to = Math.min(first + blocks, (page + 1) * perPage);
            boolean nothing = true;
            for (long block = from; block < to; block++) {
                nothing &= history.block(block).mayBeEmpty();
            }
            if (nothing) {
                return true;
            }
        }
        return false;
    }

    private void failed(IoStatus status) {
        if (mustSucceed) {
            throw new AssertionError(this + " ended with " + status);
        }
        history.failed();
        for (int i = 0; i < writes.size(); i++) {
            history.block(first + i).failed(writes.get(i));
        }
    }

    @Override
    public String toString() {
        return op + " " + first + "+" + blocks + (op == IoOp.WRITE ? " stamp " + stamp : "");
    }
}
