package io.stria.clustermap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;

/**
 * What stands around every encoding of a map, little endian. Magic and version keep their places in
 * all versions to come, so that an older program can say what it met.
 *
 * <pre>
 *  0  u8[8] "STRIAMAP"
 *  8  u16   format version, 1 to 3
 * 10  u8    kind: 1 full, 2 delta
 * 11  u8    0
 * 12  u32   length of the body
 * 16  u32   CRC32C of bytes 0..15 and the body
 * 20        body
 * </pre>
 */
final class Envelope {
    static final int KIND_FULL = 1;
    static final int KIND_DELTA = 2;
    static final int BYTES = 20;

    private static final int VERSION_FIRST = 1;
    private static final int VERSION_LAST = 3;
    private static final long MAGIC = 0x50414d4149525453L; // "STRIAMAP"
    private static final int VERSION_OFFSET = 8;
    private static final int CRC_OFFSET = 16;

    private Envelope() {}

    static byte[] wrap(int kind, int version, byte[] body) {
        ByteWriter out = new ByteWriter();
        out.u64(MAGIC);
        out.u16(version);
        out.u8(kind);
        out.u8(0);
        out.u32(body.length);
        byte[] head = out.toBytes();
        assert head.length == CRC_OFFSET;
        out.u32(crc32c(head, body));
        out.raw(body);
        return out.toBytes();
    }

    /** The format version that {@link #open} has checked. */
    static int version(byte[] bytes) {
        return Byte.toUnsignedInt(bytes[VERSION_OFFSET])
                | Byte.toUnsignedInt(bytes[VERSION_OFFSET + 1]) << 8;
    }

    /** Checks all that can be said without reading the body, and gives a reader of the body. */
    static ByteReader open(int kind, byte[] bytes) throws MapFormatException {
        MemorySegment whole = MemorySegment.ofArray(bytes);
        ByteReader in = new ByteReader(whole);
        if (in.u64("magic") != MAGIC) {
            throw new MapFormatException("these bytes are not a cluster map of Stria");
        }
        int version = in.u16("format version");
        if (version > VERSION_LAST) {
            throw new MapFormatException(
                    "the cluster map has format version %d, and this program knows versions up to %d:"
                                    .formatted(version, VERSION_LAST)
                            + " run a newer program on this node");
        }
        if (version < VERSION_FIRST) {
            throw new MapFormatException(
                    "the cluster map has the unknown format version " + version);
        }
        int foundKind = in.u8("kind");
        int reserved = in.u8("reserved byte");
        long bodyBytes = Integer.toUnsignedLong(in.u32("length of the body"));
        int crc = in.u32("checksum");
        if (bodyBytes != bytes.length - BYTES) {
            throw new MapFormatException(
                    "the cluster map says it has %d bytes after its header, but %d are there"
                            .formatted(bodyBytes, bytes.length - BYTES));
        }
        MemorySegment body = whole.asSlice(BYTES);
        if (crc32c(
                        whole.asSlice(0, CRC_OFFSET).toArray(ValueLayout.JAVA_BYTE),
                        body.toArray(ValueLayout.JAVA_BYTE))
                != crc) {
            throw new MapFormatException("the checksum of the cluster map does not fit its bytes");
        }
        if (foundKind != kind || reserved != 0) {
            throw new MapFormatException(
                    "the encoding has kind %d, expected was %d (1 is a full map, 2 a delta)"
                            .formatted(foundKind, kind));
        }
        return new ByteReader(body);
    }

    static int crc32c(byte[]... parts) {
        CRC32C crc = new CRC32C();
        for (byte[] part : parts) {
            crc.update(part, 0, part.length);
        }
        return (int) crc.getValue();
    }
}
