package io.stria.runtime;

import java.lang.foreign.MemorySegment;

/**
 * What a {@link BlockFile} asks of whoever accesses it, as assertions. Files that could do without
 * ask it too, so that nothing runs on them alone.
 */
public final class BlockAccess {
    private BlockAccess() {}

    /** A range of whole blocks of the file. */
    public static void checkRange(BlockFile file, long offset, long length) {
        assert offset >= 0 && length > 0 && offset + length <= file.sizeBytes()
                : "%d+%d is outside of %d bytes".formatted(offset, length, file.sizeBytes());
        assert offset % file.blockBytes() == 0 && length % file.blockBytes() == 0
                : "%d+%d is not aligned to %d".formatted(offset, length, file.blockBytes());
    }

    /** Memory that a device can reach, where it can. */
    public static void checkMemory(BlockFile file, MemorySegment memory, long offset, int length) {
        assert memory.isNative() : "a device cannot reach heap memory";
        assert offset >= 0 && offset + length <= memory.byteSize()
                : "%d+%d is outside of %s".formatted(offset, length, memory);
        assert (memory.address() + offset) % file.blockBytes() == 0
                : "memory is not aligned to " + file.blockBytes();
    }
}
