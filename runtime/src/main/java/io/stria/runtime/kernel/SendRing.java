package io.stria.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Bytes queued for sending, in their order, around a ring. It begins at the front again whenever
 * everything was sent, so that a stream with little to say stays in the CPU's caches.
 */
public final class SendRing {
    private final MemorySegment memory;
    private final int capacity;

    /** Positions that only grow; modulo capacity they are places in the memory. */
    private long head;

    private long tail;

    public SendRing(MemorySegment memory) {
        this.memory = memory;
        this.capacity = (int) memory.byteSize();
    }

    public int capacity() {
        return capacity;
    }

    public int used() {
        return (int) (tail - head);
    }

    public int space() {
        return capacity - used();
    }

    public void put(MemorySegment source, long offset, int length) {
        assert length <= space() : length + " bytes into a space of " + space();
        if (head == tail) {
            head = 0;
            tail = 0;
        }
        int place = (int) (tail % capacity);
        int first = Math.min(length, capacity - place);
        MemorySegment.copy(source, offset, memory, place, first);
        MemorySegment.copy(source, offset + first, memory, 0, length - first);
        tail += length;
    }

    /** Place of the oldest byte in the memory. */
    public int place() {
        return (int) (head % capacity);
    }

    /** Address of the oldest byte. */
    public long address() {
        return memory.address() + place();
    }

    /** Bytes from {@link #place} on that lie in one piece. */
    public int contiguous() {
        return Math.min(used(), capacity - place());
    }

    public void sent(int bytes) {
        assert bytes >= 0 && bytes <= used() : bytes + " of " + used() + " bytes sent";
        head += bytes;
    }
}
