package io.stria.clustermap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Reads little-endian values from bytes that nobody vouches for: every step checks the rest. */
final class ByteReader {
    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment source;
    private long position;

    ByteReader(MemorySegment source) {
        this.source = source;
    }

    int u8(String what) throws MapFormatException {
        return Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, advance(what, 1)));
    }

    int u16(String what) throws MapFormatException {
        return Short.toUnsignedInt(source.get(U16, advance(what, 2)));
    }

    /** As the int of the same bits; the entry's own check refuses what must not be negative. */
    int u32(String what) throws MapFormatException {
        return source.get(U32, advance(what, 4));
    }

    long u64(String what) throws MapFormatException {
        return source.get(U64, advance(what, 8));
    }

    UUID uuid(String what) throws MapFormatException {
        long high = Long.reverseBytes(u64(what));
        return new UUID(high, Long.reverseBytes(u64(what)));
    }

    /** A count of entries to come, refused if so many of the smallest kind cannot follow. */
    int count(String what, int entryBytesMin) throws MapFormatException {
        long count = Integer.toUnsignedLong(u32(what));
        if (count > remaining() / entryBytesMin) {
            throw new MapFormatException(
                    "count of %s is %d, but only %d bytes follow"
                            .formatted(what, count, remaining()));
        }
        return (int) count;
    }

    String text(String what) throws MapFormatException {
        int length = u16(what);
        byte[] utf8 = source.asSlice(advance(what, length), length).toArray(ValueLayout.JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new MapFormatException(what + " is not UTF-8", e);
        }
    }

    void end() throws MapFormatException {
        if (remaining() != 0) {
            throw new MapFormatException(remaining() + " bytes follow the end of the map");
        }
    }

    private long remaining() {
        return source.byteSize() - position;
    }

    private long advance(String what, int bytes) throws MapFormatException {
        if (bytes > remaining()) {
            throw new MapFormatException(
                    "%s at offset %d needs %d bytes, but only %d follow"
                            .formatted(what, position, bytes, remaining()));
        }
        long at = position;
        position += bytes;
        return at;
    }
}
