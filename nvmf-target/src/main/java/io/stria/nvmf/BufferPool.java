package io.stria.nvmf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Data buffers of one size, all made at the start. Whoever finds the pool empty waits in line and
 * is handed the next buffer that comes back: a host that asks for more than there is waits, and
 * nobody is refused.
 */
final class BufferPool {
    /** Somebody in line. */
    interface Waiter {
        /** Takes the buffer; false if it is not wanted any more. */
        boolean onBuffer(BufferPool pool, int buffer);
    }

    static final int NONE = -1;

    private static final long ALIGNMENT = 4096;

    private final int bufferBytes;
    private final MemorySegment slab;
    private final int[] free;
    private final ArrayDeque<Waiter> line = new ArrayDeque<>();
    private int freeCount;

    BufferPool(Arena arena, int bufferBytes, int count) {
        this.bufferBytes = bufferBytes;
        this.slab = arena.allocate((long) bufferBytes * count, ALIGNMENT);
        this.free = new int[count];
        for (int i = 0; i < count; i++) {
            free[i] = count - 1 - i;
        }
        this.freeCount = count;
    }

    int bufferBytes() {
        return bufferBytes;
    }

    int freeCount() {
        return freeCount;
    }

    int waiting() {
        return line.size();
    }

    /** The memory of all buffers; one begins at {@link #offset}. */
    MemorySegment slab() {
        return slab;
    }

    long offset(int buffer) {
        return (long) buffer * bufferBytes;
    }

    /** A buffer, or {@link #NONE}: then the waiter stands in line. */
    int take(Waiter waiter) {
        if (freeCount > 0 && line.isEmpty()) {
            return free[--freeCount];
        }
        line.add(waiter);
        return NONE;
    }

    void giveBack(int buffer) {
        Waiter next = line.poll();
        while (next != null) {
            if (next.onBuffer(this, buffer)) {
                return;
            }
            next = line.poll();
        }
        assert freeCount < free.length : "a buffer came back twice";
        free[freeCount++] = buffer;
    }
}
