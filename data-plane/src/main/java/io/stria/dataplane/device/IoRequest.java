package io.stria.dataplane.device;

import java.lang.foreign.MemorySegment;

/**
 * One IO on its way through a tree of devices. The submitter owns it before submit and after the
 * completion; in between it belongs to the device. Reused, never allocated per IO.
 */
public final class IoRequest {
    /**
     * Hears the end of a request, exactly once, on the reactor's thread; never from within submit.
     */
    public interface Completion {
        void complete(IoRequest request, IoStatus status);
    }

    private IoOp op = IoOp.READ;
    private long block;
    private int blocks;
    private MemorySegment buffer = MemorySegment.NULL;
    private long bufferOffset;
    private Completion completion = (request, status) -> {};

    /**
     * @param block first block of 4 KiB
     * @param blocks number of blocks; 0 for a flush
     * @param buffer native memory of at least {@code bufferOffset + blocks * 4096} bytes; ignored
     *     by UNMAP and FLUSH
     */
    public IoRequest set(
            IoOp op,
            long block,
            int blocks,
            MemorySegment buffer,
            long bufferOffset,
            Completion completion) {
        this.op = op;
        this.block = block;
        this.blocks = blocks;
        this.buffer = buffer;
        this.bufferOffset = bufferOffset;
        this.completion = completion;
        return this;
    }

    public IoOp op() {
        return op;
    }

    public long block() {
        return block;
    }

    public int blocks() {
        return blocks;
    }

    public MemorySegment buffer() {
        return buffer;
    }

    public long bufferOffset() {
        return bufferOffset;
    }

    public void complete(IoStatus status) {
        completion.complete(this, status);
    }
}
