package io.stria.dataplane.volume;

import io.stria.runtime.Memory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * What stores list into, for all owners of one reactor: each listing takes one for each store, and
 * gives it back for the next one, of whichever volume. Some stay, whatever has once been in use at
 * a time. What is in a buffer that was taken is anything.
 */
final class AnswerBuffers {
    static final int BYTES = 128 * 1024;

    private static final int KEPT_MAX = 64;

    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();

    MemorySegment take() {
        MemorySegment buffer = free.poll();
        return buffer == null ? Memory.untilCollected(BYTES) : buffer;
    }

    /** One in which no store writes any more. */
    void give(MemorySegment buffer) {
        if (free.size() < KEPT_MAX && buffer.byteSize() == BYTES) {
            free.push(buffer);
        }
    }
}
