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

    /** The device's end of a request. */
    public interface Executor {
        /** Nobody waits for the request any more. It does not end within this call. */
        void onGivenUp();
    }

    private static final Executor NOBODY = () -> {};

    /** What is left out of a block is a multiple of this. */
    public static final int SECTOR_BYTES = 512;

    private IoOp op = IoOp.READ;
    private long block;
    private int blocks;
    private MemorySegment buffer = MemorySegment.NULL;
    private long bufferOffset;
    private int headBytes;
    private int tailBytes;
    private Completion completion = (request, status) -> {};
    private Executor executor = NOBODY;
    private boolean givenUp;

    /**
     * @param block first block of 4 KiB
     * @param blocks number of blocks; 0 for a flush
     * @param buffer native memory of at least {@code bufferOffset + blocks * 4096} bytes, less what
     *     {@link #trim} leaves out; ignored by UNMAP and FLUSH
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
        this.headBytes = 0;
        this.tailBytes = 0;
        this.completion = completion;
        this.executor = NOBODY;
        this.givenUp = false;
        return this;
    }

    /**
     * Leaves out the beginning of the first block and the end of the last: they keep what they
     * have, and the buffer has only what is between. To be called after {@link #set}.
     *
     * @param head bytes of the first block, a multiple of 512 below 4096
     * @param tail bytes of the last block, likewise
     */
    public IoRequest trim(int head, int tail) {
        assert blocks > 0 && head >= 0 && tail >= 0 : "nothing can be left out of " + blocks;
        assert head + tail < blocks * BlockDevice.BLOCK_BYTES && (head | tail) % SECTOR_BYTES == 0;
        headBytes = head;
        tailBytes = tail;
        return this;
    }

    /**
     * Who hears, until its end, when the request is given up; for devices that can end it sooner
     * then.
     */
    public void executor(Executor by) {
        executor = by;
    }

    /**
     * Nobody waits for it any more. It still ends, never from within this call; what the device has
     * not begun of it need not be done, and then it ends as ABORTED. What is begun may go on after
     * that end, without the buffer, if the device lets nothing that is submitted later overtake it.
     * The submitter's only call before the completion.
     */
    public void giveUp() {
        givenUp = true;
        executor.onGivenUp();
    }

    public boolean isGivenUp() {
        return givenUp;
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

    /** Bytes of the first block that are left out. */
    public int headBytes() {
        return headBytes;
    }

    /** Bytes of the last block that are left out. */
    public int tailBytes() {
        return tailBytes;
    }

    public void complete(IoStatus status) {
        executor = NOBODY;
        completion.complete(this, status);
    }
}
