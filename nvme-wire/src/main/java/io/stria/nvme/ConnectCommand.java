package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u32;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Fields of the Connect command that makes a connection a queue, within its {@link
 * SubmissionEntry}; its data is {@link ConnectData}.
 *
 * <pre>
 *   40       42     44       46      47   48      52         64
 *   | RECFMT | QID  | SQSIZE | CATTR |    | KATO  | reserved |
 *
 *   SQSIZE  queue entries, less one
 *   CATTR   bit 2: submission queue flow control is off
 *   KATO    keep alive timeout in milliseconds, 0 for none; admin queue only
 *
 *   Result DW0 on success: CNTLID 15:0, authentication required 18:17
 *   Result DW0 for invalid parameters: field offset 15:0, bit 16: in the data, not in the entry
 * </pre>
 */
public final class ConnectCommand {
    public static final int RECFMT = 40;
    public static final int QID = 42;
    public static final int SQSIZE = 44;
    public static final int CATTR = 46;
    public static final int KATO = 48;

    public static final int CATTR_NO_SQ_FLOW_CONTROL = 4;

    /** Bit 17 of the result: the host must authenticate before anything else. */
    public static final int RESULT_AUTHENTICATE = 1 << 17;

    /** Bit 16 of the result of an invalid connect: the offset is one of the data. */
    public static final int RESULT_IN_DATA = 1 << 16;

    private ConnectCommand() {}

    public static int recordFormat(MemorySegment sqe, long offset) {
        return u16(sqe, offset + RECFMT);
    }

    public static int queueId(MemorySegment sqe, long offset) {
        return u16(sqe, offset + QID);
    }

    /** Queue entries, 1 to 65536. */
    public static int queueEntries(MemorySegment sqe, long offset) {
        return u16(sqe, offset + SQSIZE) + 1;
    }

    public static int attributes(MemorySegment sqe, long offset) {
        return u8(sqe, offset + CATTR);
    }

    public static long keepAliveMs(MemorySegment sqe, long offset) {
        return u32(sqe, offset + KATO);
    }

    /** The whole entry; data goes in the capsule. */
    public static void write(
            MemorySegment sqe,
            long offset,
            int commandId,
            int queueId,
            int queueEntries,
            int attributes,
            int keepAliveMs) {
        SubmissionEntry.writeFabrics(sqe, offset, FabricsType.CONNECT, commandId);
        SglDescriptor.write(
                sqe, offset + SubmissionEntry.SGL, SglDescriptor.ID_IN_CAPSULE, ConnectData.BYTES);
        put16(sqe, offset + QID, queueId);
        put16(sqe, offset + SQSIZE, queueEntries - 1);
        put8(sqe, offset + CATTR, attributes);
        put32(sqe, offset + KATO, keepAliveMs);
    }
}
