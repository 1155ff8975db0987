package io.stria.dataplane.store;

import io.stria.runtime.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A block of native memory, aligned for devices, read and written little endian. Checksums of any
 * part of it allocate nothing.
 */
final class Area {
    private static final int ALIGNMENT = 4096;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;
    private final ByteBuffer view;
    private final CRC32C crc = new CRC32C();

    Area(Arena arena, long bytes) {
        segment = Memory.within(arena, Math.max(bytes, ALIGNMENT));
        view = segment.asByteBuffer();
    }

    MemorySegment segment() {
        return segment;
    }

    int bytes() {
        return view.capacity();
    }

    long getLong(int offset) {
        return segment.get(LONG, offset);
    }

    void putLong(int offset, long value) {
        segment.set(LONG, offset, value);
    }

    int getInt(int offset) {
        return segment.get(INT, offset);
    }

    void putInt(int offset, int value) {
        segment.set(INT, offset, value);
    }

    int getShort(int offset) {
        return segment.get(SHORT, offset) & 0xffff;
    }

    void putShort(int offset, int value) {
        segment.set(SHORT, offset, (short) value);
    }

    int getByte(int offset) {
        return segment.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    void putByte(int offset, int value) {
        segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    int crc(int offset, int length) {
        crc.reset();
        view.limit(offset + length).position(offset);
        crc.update(view);
        return (int) crc.getValue();
    }

    void zero(int offset, int length) {
        segment.asSlice(offset, length).fill((byte) 0);
    }

    void fill(int offset, int length, int value) {
        segment.asSlice(offset, length).fill((byte) value);
    }

    void copyFrom(MemorySegment source, long sourceOffset, int offset, int length) {
        MemorySegment.copy(source, sourceOffset, segment, offset, length);
    }

    void copyFrom(Area source, int sourceOffset, int offset, int length) {
        MemorySegment.copy(source.segment, sourceOffset, segment, offset, length);
    }

    void copyTo(int offset, MemorySegment target, long targetOffset, int length) {
        MemorySegment.copy(segment, offset, target, targetOffset, length);
    }
}
