package io.stria.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Unaligned little-endian fields of a segment: the byte order of everything in NVMe. */
public final class LittleEndian {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    /** 0 to 255. */
    public static int u8(MemorySegment segment, long offset) {
        return segment.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    /** 0 to 65535. */
    public static int u16(MemorySegment segment, long offset) {
        return segment.get(SHORT, offset) & 0xFFFF;
    }

    /** All 32 bits; compare them unsigned. */
    public static int i32(MemorySegment segment, long offset) {
        return segment.get(INT, offset);
    }

    /** 0 to 2^32 - 1. */
    public static long u32(MemorySegment segment, long offset) {
        return segment.get(INT, offset) & 0xFFFF_FFFFL;
    }

    /** All 64 bits; compare them unsigned. */
    public static long i64(MemorySegment segment, long offset) {
        return segment.get(LONG, offset);
    }

    public static void put8(MemorySegment segment, long offset, int value) {
        segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    public static void put16(MemorySegment segment, long offset, int value) {
        segment.set(SHORT, offset, (short) value);
    }

    public static void put32(MemorySegment segment, long offset, int value) {
        segment.set(INT, offset, value);
    }

    public static void put64(MemorySegment segment, long offset, long value) {
        segment.set(LONG, offset, value);
    }

    /** ASCII in a field of fixed length, filled up with the pad byte; what is too long is cut. */
    public static void putText(
            MemorySegment segment, long offset, int fieldBytes, String text, int pad) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < fieldBytes; i++) {
            put8(segment, offset + i, i < ascii.length ? ascii[i] : pad);
        }
    }

    /** ASCII up to the first NUL or the end of the field, without trailing blanks. */
    public static String text(MemorySegment segment, long offset, int fieldBytes) {
        byte[] ascii = new byte[fieldBytes];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, ascii, 0, fieldBytes);
        int end = 0;
        while (end < fieldBytes && ascii[end] != 0) {
            end++;
        }
        return new String(ascii, 0, end, StandardCharsets.US_ASCII).stripTrailing();
    }
}
