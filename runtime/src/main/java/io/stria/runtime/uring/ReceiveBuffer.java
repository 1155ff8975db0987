package io.stria.runtime.uring;

import java.lang.foreign.MemorySegment;

/**
 * Bytes received and not yet consumed, always in one piece. They move to the front when the room
 * behind them gets small, so that a handler can wait for a larger piece.
 */
final class ReceiveBuffer {
    private final MemorySegment memory;
    private final int capacity;
    private int start;
    private int end;

    ReceiveBuffer(MemorySegment memory) {
        this.memory = memory;
        this.capacity = (int) memory.byteSize();
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where the unconsumed bytes begin. */
    int start() {
        return start;
    }

    /** How many bytes are unconsumed. */
    int length() {
        return end - start;
    }

    /** Makes room as far as it can. Returns how many bytes can be received at {@link #end}. */
    int makeRoom() {
        if (start == end) {
            start = 0;
            end = 0;
        } else if (start > 0 && capacity - end < capacity / 2) {
            MemorySegment.copy(memory, start, memory, 0, end - start);
            end -= start;
            start = 0;
        }
        return capacity - end;
    }

    long roomAddress() {
        return memory.address() + end;
    }

    void received(int bytes) {
        end += bytes;
        assert end <= capacity;
    }

    void consumed(int bytes) {
        assert bytes >= 0 && bytes <= length() : bytes + " of " + length() + " bytes consumed";
        start += bytes;
    }
}
