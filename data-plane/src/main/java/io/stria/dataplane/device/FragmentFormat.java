package io.stria.dataplane.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * How fragments lie in memory and on the wire: each one's bytes, then 16 bytes of metadata, little
 * endian.
 *
 * <pre>
 *   0              fragmentBytes      +8          +12       +16
 *   | data          | version          | CRC32C    | flags   | next fragment ...
 *   version = volume epoch (24 bits) &lt;&lt; 40 | sequence (40 bits), compared unsigned
 *   CRC32C covers the data alone; 0 for tombstones and absence
 *
 *   LIST entry: address 8 | version 8 | flags 4 | zero 4
 * </pre>
 */
public final class FragmentFormat {
    public static final int METADATA_BYTES = 16;
    public static final int LIST_ENTRY_BYTES = 24;

    /** Added to the number of entries in the result of LIST: go on behind the last address. */
    public static final long LIST_MORE = 1L << 32;

    /**
     * The result of ATTACH in place of a watermark: the store cannot tell what it has lost. What it
     * shows is true, and what it should have and does not is BAD; but it must be brought to date
     * from the others, with no watermark taken for granted. It knows that this was done when it
     * hears in a command that all locations are in sync.
     */
    public static final long FORGETFUL = -1L;

    /** The fragment was unmapped at its version; no data. */
    public static final int TOMBSTONE = 1;

    /** Nothing is stored: stands for a tombstone of version 0. */
    public static final int ABSENT = 2;

    /** The medium failed or the checksum does not match; the data bytes mean nothing. */
    public static final int BAD = 4;

    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private FragmentFormat() {}

    /** Bytes of one fragment with its metadata. */
    public static int stride(int fragmentBytes) {
        return fragmentBytes + METADATA_BYTES;
    }

    public static long version(MemorySegment buffer, long metadataOffset) {
        return buffer.get(LONG, metadataOffset);
    }

    public static int crc(MemorySegment buffer, long metadataOffset) {
        return buffer.get(INT, metadataOffset + 8);
    }

    public static int flags(MemorySegment buffer, long metadataOffset) {
        return buffer.get(INT, metadataOffset + 12);
    }

    public static void putMetadata(
            MemorySegment buffer, long metadataOffset, long version, int crc, int flags) {
        buffer.set(LONG, metadataOffset, version);
        buffer.set(INT, metadataOffset + 8, crc);
        buffer.set(INT, metadataOffset + 12, flags);
    }

    public static void putListEntry(
            MemorySegment buffer, long offset, long address, long version, int flags) {
        buffer.set(LONG, offset, address);
        buffer.set(LONG, offset + 8, version);
        buffer.set(INT, offset + 16, flags);
        buffer.set(INT, offset + 20, 0);
    }

    public static long listAddress(MemorySegment buffer, long offset) {
        return buffer.get(LONG, offset);
    }

    public static long listVersion(MemorySegment buffer, long offset) {
        return buffer.get(LONG, offset + 8);
    }

    public static int listFlags(MemorySegment buffer, long offset) {
        return buffer.get(INT, offset + 16);
    }
}
