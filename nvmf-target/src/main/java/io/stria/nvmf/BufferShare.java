package io.stria.nvmf;

import io.stria.runtime.WaitingLine;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What one volume has of the data buffers of one size, and who waits for more of them. */
final class BufferShare {
    private final BufferQueue queue;

    /** Nobody else has a share, so all buffers may be taken. */
    private final boolean sole;

    final WaitingLine<BufferWaiter> line = new WaitingLine<>();
    private int held;

    /** Stands among the shares that are served in turn. */
    boolean inTurn;

    BufferShare(BufferQueue queue, boolean sole) {
        this.queue = queue;
        this.sole = sole;
    }

    int bufferBytes() {
        return queue.bufferBytes();
    }

    /** A buffer, with whatever was in it before; or null: then the waiter stands in line. */
    @Nullable MemorySegment take(BufferWaiter waiter) {
        return queue.take(this, waiter);
    }

    void giveBack(MemorySegment buffer) {
        held--;
        queue.giveBack(buffer);
    }

    void onTaken() {
        held++;
    }

    void onRefused() {
        held--;
    }

    /**
     * Whether one more may be taken: while more are free than it has. So a share that is stuck
     * leaves half of what it found, and several leave some for the others; and one that has none
     * gets the last.
     */
    boolean mayTake(int free) {
        return sole ? free > 0 : held < free;
    }
}
