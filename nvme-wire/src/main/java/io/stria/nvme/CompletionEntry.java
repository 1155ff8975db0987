package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.u16;

import java.lang.foreign.MemorySegment;

/**
 * Completion queue entry, 16 bytes.
 *
 * <pre>
 *   0           4           8        10       12       14           16
 *   | DW0       | DW1       | SQHD   | SQID   | CID    | P | STATUS |
 *
 *   DW0, DW1  result of the command
 *   SQHD      submission queue head; FFFFh where flow control is off
 *   SQID      reserved over fabrics
 *   STATUS    bits 15:1: {@link StatusCode}; bit 0 (phase) is reserved over fabrics
 * </pre>
 */
public final class CompletionEntry {
    public static final int BYTES = 16;
    public static final int DW0 = 0;
    public static final int DW1 = 4;
    public static final int SQHD = 8;
    public static final int SQID = 10;
    public static final int CID = 12;
    public static final int STATUS = 14;

    private CompletionEntry() {}

    public static int dw0(MemorySegment cqe, long offset) {
        return i32(cqe, offset + DW0);
    }

    /** DW0 and DW1 as one number. */
    public static long result(MemorySegment cqe, long offset) {
        return i64(cqe, offset + DW0);
    }

    public static int sqHead(MemorySegment cqe, long offset) {
        return u16(cqe, offset + SQHD);
    }

    public static int commandId(MemorySegment cqe, long offset) {
        return u16(cqe, offset + CID);
    }

    /** One of {@link StatusCode}, with its flags. */
    public static int status(MemorySegment cqe, long offset) {
        return u16(cqe, offset + STATUS) >>> 1;
    }

    public static void write(
            MemorySegment cqe, long offset, long result, int sqHead, int commandId, int status) {
        put64(cqe, offset + DW0, result);
        put16(cqe, offset + SQHD, sqHead);
        put16(cqe, offset + SQID, 0);
        put16(cqe, offset + CID, commandId);
        put16(cqe, offset + STATUS, status << 1);
    }
}
