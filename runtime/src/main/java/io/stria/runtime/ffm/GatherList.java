package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Places in memory whose bytes are sent one after the other.
 *
 * <pre>
 * struct msghdr (56 bytes): 0 name   8 namelen   16 iov   24 iovlen   32 control   40 controllen   48 flags
 * struct iovec (16 bytes):  0 base   8 len
 * </pre>
 */
public final class GatherList {
    private static final int IOV = 16;
    private static final int IOVLEN = 24;
    private static final int MSGHDR_BYTES = 56;
    private static final int IOVEC_BYTES = 16;

    private final MemorySegment memory;
    private final int capacity;
    private int count;

    /**
     * @param memory of {@link #bytesFor} bytes, aligned to 8
     */
    public GatherList(MemorySegment memory) {
        this.memory = memory;
        this.capacity = (int) (memory.byteSize() - MSGHDR_BYTES) / IOVEC_BYTES;
        memory.asSlice(0, MSGHDR_BYTES).fill((byte) 0);
        memory.set(JAVA_LONG, IOV, memory.address() + MSGHDR_BYTES);
    }

    public static int bytesFor(int places) {
        return MSGHDR_BYTES + places * IOVEC_BYTES;
    }

    public void clear() {
        count = 0;
    }

    /** Places that can still be added. */
    public int room() {
        return capacity - count;
    }

    public void add(long address, long bytes) {
        assert room() > 0;
        long place = MSGHDR_BYTES + (long) count * IOVEC_BYTES;
        memory.set(JAVA_LONG, place, address);
        memory.set(JAVA_LONG, place + Long.BYTES, bytes);
        count++;
    }

    /** Address of the list as system calls take it. */
    long address() {
        memory.set(JAVA_LONG, IOVLEN, count);
        return memory.address();
    }
}
