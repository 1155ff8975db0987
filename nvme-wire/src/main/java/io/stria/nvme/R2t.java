package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u32;

import java.lang.foreign.MemorySegment;

/**
 * Ready To Transfer: the controller asks for a piece of a command's data.
 *
 * <pre>
 *   0               8       10     12          16          20         24
 *   | common header | CCCID | TTAG | R2TO      | R2TL      | reserved |
 *
 *   TTAG  the controller's tag, returned in every H2CData that answers
 *   R2TO  offset within the command's data,  R2TL  its length
 * </pre>
 */
public final class R2t {
    public static final int BYTES = 24;
    public static final int CCCID = 8;
    public static final int TTAG = 10;
    public static final int R2TO = 12;
    public static final int R2TL = 16;

    private R2t() {}

    public static int commandId(MemorySegment pdu, long offset) {
        return u16(pdu, offset + CCCID);
    }

    public static int transferTag(MemorySegment pdu, long offset) {
        return u16(pdu, offset + TTAG);
    }

    public static long dataOffset(MemorySegment pdu, long offset) {
        return u32(pdu, offset + R2TO);
    }

    public static long dataBytes(MemorySegment pdu, long offset) {
        return u32(pdu, offset + R2TL);
    }

    public static void write(
            MemorySegment pdu,
            long offset,
            int commandId,
            int transferTag,
            int dataOffset,
            int dataBytes) {
        PduHeader.write(pdu, offset, PduType.R2T);
        put16(pdu, offset + CCCID, commandId);
        put16(pdu, offset + TTAG, transferTag);
        put32(pdu, offset + R2TO, dataOffset);
        put32(pdu, offset + R2TL, dataBytes);
        put32(pdu, offset + 20, 0);
    }
}
