package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u16;

import java.lang.foreign.MemorySegment;

/**
 * Error information log (01h): entries of 64 bytes, newest first. An entry whose error count is
 * zero is an unused one.
 *
 * <pre>
 *   0             8      10    12       14         16    24     28   29       30         64
 *   | COUNT 8     | SQID | CID | STATUS | LOCATION | LBA | NSID | VS | TRTYPE | reserved |
 *
 *   STATUS    as in {@link CompletionEntry}: {@link StatusCode} above the phase bit
 *   LOCATION  of the wrong field; FFFFh where no single field is wrong
 * </pre>
 */
public final class ErrorLog {
    public static final int ENTRY_BYTES = 64;

    private static final int NO_LOCATION = 0xFFFF;

    private ErrorLog() {}

    /**
     * @param count 1 for the first error of a controller, and so on
     */
    public static void write(
            MemorySegment data,
            long offset,
            long count,
            int queueId,
            int commandId,
            int status,
            long lba,
            int nsid) {
        data.asSlice(offset, ENTRY_BYTES).fill((byte) 0);
        put64(data, offset, count);
        put16(data, offset + 8, queueId);
        put16(data, offset + 10, commandId);
        put16(data, offset + 12, status << 1);
        put16(data, offset + 14, NO_LOCATION);
        put64(data, offset + 16, lba);
        put32(data, offset + 24, nsid);
        put8(data, offset + 29, DiscoveryLog.TRTYPE_TCP);
    }

    public static long count(MemorySegment data, long offset) {
        return i64(data, offset);
    }

    public static int commandId(MemorySegment data, long offset) {
        return u16(data, offset + 10);
    }

    /** One of {@link StatusCode}, with its flags. */
    public static int status(MemorySegment data, long offset) {
        return u16(data, offset + 12) >>> 1;
    }

    public static long lba(MemorySegment data, long offset) {
        return i64(data, offset + 16);
    }
}
