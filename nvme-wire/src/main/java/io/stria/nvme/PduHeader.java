package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u32;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * The common header that begins every PDU.
 *
 * <pre>
 *   0      1       2      3     4            8
 *   | TYPE | FLAGS | HLEN | PDO | PLEN       | PDU specific header up to HLEN ...
 *
 *   then HDGST 4 (if enabled) | padding up to PDO | data | DDGST 4 (if enabled and there is data)
 *   PLEN counts all of it.
 * </pre>
 */
public final class PduHeader {
    public static final int BYTES = 8;
    public static final int DIGEST_BYTES = 4;

    public static final int TYPE = 0;
    public static final int FLAGS = 1;
    public static final int HLEN = 2;
    public static final int PDO = 3;
    public static final int PLEN = 4;

    /** A header digest follows the header. */
    public static final int FLAG_HDGST = 1;

    /** A data digest follows the data. */
    public static final int FLAG_DDGST = 2;

    /** The last data PDU of a transfer: of an R2T from the host, of the command to the host. */
    public static final int FLAG_LAST = 4;

    /** C2HData with LAST: the command ended well and no response capsule follows. */
    public static final int FLAG_SUCCESS = 8;

    private PduHeader() {}

    public static int type(MemorySegment pdu, long offset) {
        return u8(pdu, offset + TYPE);
    }

    public static int flags(MemorySegment pdu, long offset) {
        return u8(pdu, offset + FLAGS);
    }

    public static int hlen(MemorySegment pdu, long offset) {
        return u8(pdu, offset + HLEN);
    }

    public static int pdo(MemorySegment pdu, long offset) {
        return u8(pdu, offset + PDO);
    }

    public static long plen(MemorySegment pdu, long offset) {
        return u32(pdu, offset + PLEN);
    }

    /** Header of a PDU without data and digests. */
    public static void write(MemorySegment pdu, long offset, PduType type) {
        write(pdu, offset, type, 0, 0, type.headerBytes());
    }

    public static void write(
            MemorySegment pdu, long offset, PduType type, int flags, int pdo, int plen) {
        put8(pdu, offset + TYPE, type.code());
        put8(pdu, offset + FLAGS, flags);
        put8(pdu, offset + HLEN, type.headerBytes());
        put8(pdu, offset + PDO, pdo);
        put32(pdu, offset + PLEN, plen);
    }

    /**
     * Sets the flags, PDO and PLEN of a header already written for data and digests, and returns
     * where the data begins (PDO), or where the PDU ends if there is none.
     *
     * @param dataBytes 0 for none
     * @param dataAlignmentBytes what the receiver asked for in ICReq or ICResp, at least 4
     */
    public static int frame(
            MemorySegment pdu,
            long offset,
            int dataBytes,
            int dataAlignmentBytes,
            boolean headerDigest,
            boolean dataDigest) {
        int flags = flags(pdu, offset) & ~(FLAG_HDGST | FLAG_DDGST);
        int headEnd = hlen(pdu, offset);
        if (headerDigest) {
            flags |= FLAG_HDGST;
            headEnd += DIGEST_BYTES;
        }
        int end = headEnd;
        int pdo = 0;
        if (dataBytes > 0) {
            pdo = (headEnd + dataAlignmentBytes - 1) / dataAlignmentBytes * dataAlignmentBytes;
            end = pdo + dataBytes;
            if (dataDigest) {
                flags |= FLAG_DDGST;
                end += DIGEST_BYTES;
            }
        }
        put8(pdu, offset + FLAGS, flags);
        put8(pdu, offset + PDO, pdo);
        put32(pdu, offset + PLEN, end);
        return dataBytes > 0 ? pdo : end;
    }

    /** The whole common header as text, for logs. */
    public static String describe(MemorySegment pdu, long offset) {
        return "type %#x flags %#x hlen %d pdo %d plen %s"
                .formatted(
                        type(pdu, offset),
                        flags(pdu, offset),
                        hlen(pdu, offset),
                        pdo(pdu, offset),
                        Integer.toUnsignedString(i32(pdu, offset + PLEN)));
    }
}
