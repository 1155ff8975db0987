package io.stria.nvmf;

import io.stria.runtime.BufferPool;
import io.stria.runtime.Memory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Data buffers of one size, in shares. Whoever finds none waits in the line of his share, and those
 * are served in turn: a host that asks for more than there is waits, and nobody is refused.
 */
final class BufferQueue {
    private final BufferPool pool;

    /** Shares in whose lines somebody waits, or has waited; the next one first. */
    private final ArrayDeque<BufferShare> turns = new ArrayDeque<>();

    private boolean serving;

    BufferQueue(Memory memory, int bufferBytes, int count) {
        pool = new BufferPool(memory, "nvmf-buffers", bufferBytes, count);
    }

    /** One share beside others. */
    BufferShare newShare() {
        return new BufferShare(this, false);
    }

    /** The only share there is. */
    BufferShare soleShare() {
        return new BufferShare(this, true);
    }

    int bufferBytes() {
        return pool.bufferBytes();
    }

    int freeCount() {
        return pool.available();
    }

    /** Those in line for it. */
    int waiting() {
        return turns.stream().mapToInt(share -> share.line.size()).sum();
    }

    boolean isWhole() {
        return pool.available() == pool.count();
    }

    /** See {@link BufferShare#take}. */
    @Nullable MemorySegment take(BufferShare share, BufferWaiter waiter) {
        if (share.line.isEmpty() && share.mayTake(pool.available())) {
            MemorySegment buffer = pool.acquire();
            if (buffer != null) {
                share.onTaken();
                return buffer;
            }
        }
        share.line.add(waiter);
        if (!share.inTurn) {
            share.inTurn = true;
            turns.add(share);
        }
        return null;
    }

    void giveBack(MemorySegment buffer) {
        pool.release(buffer);
        if (serving || turns.isEmpty()) {
            return; // the call further out goes on: a long line is no deep stack
        }
        serving = true;
        int skipped = 0;
        while (skipped < turns.size()) {
            BufferShare share = turns.remove();
            if (share.line.isEmpty()) {
                share.inTurn = false;
            } else {
                turns.add(share);
                skipped = serve(share) ? 0 : skipped + 1;
            }
        }
        serving = false;
    }

    /** Returns whether somebody in its line was asked. */
    private boolean serve(BufferShare share) {
        MemorySegment buffer = share.mayTake(pool.available()) ? pool.acquire() : null;
        if (buffer == null) {
            return false;
        }
        share.onTaken();
        if (!share.line.remove().onBuffer(share, buffer)) {
            share.onRefused();
            pool.release(buffer);
        }
        return true;
    }

    /** Every buffer must be back. */
    void free() {
        pool.close();
    }
}
