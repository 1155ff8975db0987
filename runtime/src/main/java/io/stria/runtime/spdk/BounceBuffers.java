package io.stria.runtime.spdk;

import io.stria.runtime.ffm.spdk.SpdkEnvironment;
import io.stria.runtime.ffm.spdk.SpdkNamespace;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Buffers that a device reaches, between it and memory that it does not reach, or that lacks the
 * room for metadata which the device's format puts behind each block. All are made at start; when
 * none is left, accesses wait. Owned by one device.
 */
final class BounceBuffers implements AutoCloseable {
    private static final int DATA_BYTES = 128 << 10;
    private static final int COUNT = 32;

    private final MemorySegment all;
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>(COUNT);
    private final int sectorBytes;
    private final int strideBytes;
    private final int metadataOffset;

    /**
     * @param metadataBytes that go with each block of data
     */
    BounceBuffers(SpdkNamespace namespace, int metadataBytes) {
        sectorBytes = namespace.sectorBytes();
        strideBytes = sectorBytes + (namespace.interleaved() ? metadataBytes : 0);
        int sectors = DATA_BYTES / sectorBytes;
        metadataOffset = sectors * strideBytes;
        long bytes = metadataOffset + (long) sectors * metadataBytes;
        long pitch = (bytes + 4095) & -4096L;
        all = SpdkEnvironment.allocate(pitch * COUNT);
        for (int i = 0; i < COUNT; i++) {
            free.add(all.asSlice(i * pitch, pitch));
        }
    }

    /** The most data that one takes. */
    int dataBytes() {
        return DATA_BYTES / sectorBytes * sectorBytes;
    }

    @Nullable MemorySegment acquire() {
        return free.pollLast();
    }

    void release(MemorySegment buffer) {
        free.addLast(buffer);
    }

    /** Address of the part that holds metadata alone. */
    long metadata(MemorySegment buffer) {
        return buffer.address() + metadataOffset;
    }

    void fill(MemorySegment buffer, MemorySegment source, long offset, int bytes) {
        if (strideBytes == sectorBytes) {
            MemorySegment.copy(source, offset, buffer, 0, bytes);
            return;
        }
        for (int at = 0, to = 0; at < bytes; at += sectorBytes, to += strideBytes) {
            MemorySegment.copy(source, offset + at, buffer, to, sectorBytes);
            buffer.asSlice(to + sectorBytes, strideBytes - sectorBytes).fill((byte) 0);
        }
    }

    void empty(MemorySegment buffer, MemorySegment target, long offset, int bytes) {
        if (strideBytes == sectorBytes) {
            MemorySegment.copy(buffer, 0, target, offset, bytes);
            return;
        }
        for (int at = 0, from = 0; at < bytes; at += sectorBytes, from += strideBytes) {
            MemorySegment.copy(buffer, from, target, offset + at, sectorBytes);
        }
    }

    /** Nothing is in flight any more. */
    @Override
    public void close() {
        SpdkEnvironment.free(all);
    }
}
