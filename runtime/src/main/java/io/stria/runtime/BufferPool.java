package io.stria.runtime;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of one size, all made at start, each aligned to {@link Memory#ALIGNMENT_BYTES}. An empty
 * pool is back-pressure: the work waits in its queue. Owned by one thread.
 */
public final class BufferPool implements AutoCloseable {
    private final Memory memory;
    private final MemorySegment all;
    private final MemorySegment[] free;
    private final BitSet taken;
    private final int bufferBytes;
    private int freeCount;

    /**
     * @param bufferBytes size of each buffer, a multiple of {@link Memory#ALIGNMENT_BYTES}
     */
    public BufferPool(Memory memory, String tag, int bufferBytes, int count) {
        if (bufferBytes <= 0 || bufferBytes % Memory.ALIGNMENT_BYTES != 0) {
            throw new IllegalArgumentException(tag + ": buffers of " + bufferBytes + " bytes");
        }
        if (count <= 0) {
            throw new IllegalArgumentException(tag + ": " + count + " buffers");
        }
        this.memory = memory;
        this.bufferBytes = bufferBytes;
        this.all = memory.allocate(tag, (long) bufferBytes * count);
        this.free = new MemorySegment[count];
        this.taken = new BitSet(count);
        for (int i = count - 1; i >= 0; i--) {
            free[freeCount++] = all.asSlice((long) i * bufferBytes, bufferBytes);
        }
    }

    public int bufferBytes() {
        return bufferBytes;
    }

    public int count() {
        return free.length;
    }

    public int available() {
        return freeCount;
    }

    /** A buffer with whatever its last user left in it, or null when all are taken. */
    public @Nullable MemorySegment acquire() {
        if (freeCount == 0) {
            return null;
        }
        MemorySegment buffer = free[--freeCount];
        taken.set(indexOf(buffer));
        return buffer;
    }

    /** Takes back a buffer of this pool; the one released last is handed out first. */
    public void release(MemorySegment buffer) {
        int index = indexOf(buffer);
        assert buffer.byteSize() == bufferBytes && taken.get(index)
                : "released twice, or not a buffer of this pool: " + buffer;
        taken.clear(index);
        free[freeCount++] = buffer;
    }

    /** Every buffer must be back. */
    @Override
    public void close() {
        assert freeCount == free.length : free.length - freeCount + " buffers are still taken";
        memory.free(all);
    }

    private int indexOf(MemorySegment buffer) {
        long offset = buffer.address() - all.address();
        assert offset >= 0 && offset < all.byteSize() && offset % bufferBytes == 0
                : "not a buffer of this pool: " + buffer;
        return (int) (offset / bufferBytes);
    }
}
