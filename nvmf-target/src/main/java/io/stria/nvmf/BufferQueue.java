package io.stria.nvmf;

import io.stria.runtime.BufferPool;
import io.stria.runtime.Memory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Data buffers of one size. Whoever finds none waits in line and is handed the next one that comes
 * back: a host that asks for more than there is waits, and nobody is refused.
 */
final class BufferQueue {
    /** Somebody in line. */
    interface Waiter {
        /** Takes the buffer; false if it is not wanted any more. */
        boolean onBuffer(BufferQueue from, MemorySegment buffer);
    }

    private final BufferPool pool;
    private final ArrayDeque<Waiter> line = new ArrayDeque<>();

    BufferQueue(Memory memory, int bufferBytes, int count) {
        pool = new BufferPool(memory, "nvmf-buffers", bufferBytes, count);
    }

    int bufferBytes() {
        return pool.bufferBytes();
    }

    int freeCount() {
        return pool.available();
    }

    boolean isWhole() {
        return pool.available() == pool.count();
    }

    /** A buffer, with whatever was in it before; or null: then the waiter stands in line. */
    @Nullable MemorySegment take(Waiter waiter) {
        MemorySegment buffer = line.isEmpty() ? pool.acquire() : null;
        if (buffer == null) {
            line.add(waiter);
        }
        return buffer;
    }

    /** The waiter is in line no more. */
    void leave(Waiter waiter) {
        line.remove(waiter);
    }

    void giveBack(MemorySegment buffer) {
        for (Waiter next = line.poll(); next != null; next = line.poll()) {
            if (next.onBuffer(this, buffer)) {
                return;
            }
        }
        pool.release(buffer);
    }

    /** Every buffer must be back. */
    void free() {
        pool.close();
    }
}
