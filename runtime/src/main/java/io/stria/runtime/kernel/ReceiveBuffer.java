package io.stria.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Bytes received and not yet consumed, always in one piece. They move to the front when the room
 * behind them gets small, so that a handler can wait for a larger piece.
 */
public final class ReceiveBuffer {
    private final MemorySegment memory;
    private final int capacity;
    private int start;
    private int end;

    public ReceiveBuffer(MemorySegment memory) {
        this.memory = memory;
        this.capacity = (int) memory.byteSize();
    }

    public MemorySegment memory() {
        return memory;
    }

    /** Where the unconsumed bytes begin. */
    public int start() {
        return start;
    }

    /** How many bytes are unconsumed. */
    public int length() {
        return end - start;
    }

    /** Makes room as far as it can. Returns how many bytes can be received at {@link #end}. */
    public int makeRoom() {
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

    /** Where the room begins, from {@link #memory}'s beginning on. */
    public int end() {
        return end;
    }

    public long roomAddress() {
        return memory.address() + end;
    }

    public void received(int bytes) {
        end += bytes;
        assert end <= capacity;
    }

    public void consumed(int bytes) {
        assert bytes >= 0 && bytes <= length() : bytes + " of " + length() + " bytes consumed";
        start += bytes;
    }
}
