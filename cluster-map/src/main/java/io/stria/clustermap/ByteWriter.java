package io.stria.clustermap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Appends little-endian values to an array that grows. */
final class ByteWriter {
    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[1024];
    private MemorySegment segment = MemorySegment.ofArray(bytes);
    private int length;

    void u8(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
    }

    void u16(int value) {
        reserve(2);
        segment.set(U16, length, (short) value);
        length += 2;
    }

    void u32(int value) {
        reserve(4);
        segment.set(U32, length, value);
        length += 4;
    }

    void u64(long value) {
        reserve(8);
        segment.set(U64, length, value);
        length += 8;
    }

    /** In the order in which it is printed, so that a dump can be read. */
    void uuid(UUID value) {
        u64(Long.reverseBytes(value.getMostSignificantBits()));
        u64(Long.reverseBytes(value.getLeastSignificantBits()));
    }

    void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        u16(utf8.length);
        raw(utf8);
    }

    void raw(byte[] value) {
        reserve(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private void reserve(int more) {
        if (length + more > bytes.length) {
            bytes =
                    Arrays.copyOf(
                            bytes, Math.max(Math.multiplyExact(bytes.length, 2), length + more));
            segment = MemorySegment.ofArray(bytes);
        }
    }
}
