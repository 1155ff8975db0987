package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u32;

import java.lang.foreign.MemorySegment;

/**
 * H2CData and C2HData: a piece of a command's data.
 *
 * <pre>
 *   0               8       10     12          16          20         24
 *   | common header | CCCID | TTAG | DATAO     | DATAL     | reserved | data at PDO
 *
 *   CCCID  command identifier
 *   TTAG   tag of the R2T that asked for it; reserved in C2HData
 *   DATAO  offset of the piece within the command's data
 *   DATAL  its length
 * </pre>
 */
public final class DataPdu {
    public static final int BYTES = 24;
    public static final int CCCID = 8;
    public static final int TTAG = 10;
    public static final int DATAO = 12;
    public static final int DATAL = 16;

    private DataPdu() {}

    public static int commandId(MemorySegment pdu, long offset) {
        return u16(pdu, offset + CCCID);
    }

    public static int transferTag(MemorySegment pdu, long offset) {
        return u16(pdu, offset + TTAG);
    }

    public static long dataOffset(MemorySegment pdu, long offset) {
        return u32(pdu, offset + DATAO);
    }

    public static long dataBytes(MemorySegment pdu, long offset) {
        return u32(pdu, offset + DATAL);
    }

    public static boolean isLast(MemorySegment pdu, long offset) {
        return (PduHeader.flags(pdu, offset) & PduHeader.FLAG_LAST) != 0;
    }

    public static boolean isSuccess(MemorySegment pdu, long offset) {
        return (PduHeader.flags(pdu, offset) & PduHeader.FLAG_SUCCESS) != 0;
    }

    /**
     * Writes the header without digests, data directly behind it; {@link PduHeader#frame} changes
     * that.
     */
    public static void write(
            MemorySegment pdu,
            long offset,
            PduType type,
            int flags,
            int commandId,
            int transferTag,
            int dataOffset,
            int dataBytes) {
        PduHeader.write(pdu, offset, type, flags, BYTES, BYTES + dataBytes);
        put16(pdu, offset + CCCID, commandId);
        put16(pdu, offset + TTAG, transferTag);
        put32(pdu, offset + DATAO, dataOffset);
        put32(pdu, offset + DATAL, dataBytes);
        put32(pdu, offset + 20, 0);
    }

    /** DATAO and DATAL as text, for logs. */
    public static String describe(MemorySegment pdu, long offset) {
        return "cid %d ttag %d offset %s bytes %s"
                .formatted(
                        commandId(pdu, offset),
                        transferTag(pdu, offset),
                        Integer.toUnsignedString(i32(pdu, offset + DATAO)),
                        Integer.toUnsignedString(i32(pdu, offset + DATAL)));
    }
}
