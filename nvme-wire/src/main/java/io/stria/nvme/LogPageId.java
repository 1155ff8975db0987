package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Log pages, and the fields of Get Log Page that say which part of one is asked for.
 *
 * <pre>
 *   CDW10  31:16 NUMDL | 15 RAE | 14:8 LSP | 7:0 LID      CDW11  15:0 NUMDU
 *   CDW12, CDW13  byte offset LPO, a multiple of 4
 *   CDW14  31:24 CSI | 23 OT: LPO counts entries, not bytes | 6:0 UUID
 *
 *   NUMD = NUMDU &lt;&lt; 16 | NUMDL: dwords less one.  RAE: keep the event that the page clears
 * </pre>
 */
public final class LogPageId {
    public static final int SUPPORTED = 0x00;
    public static final int ERROR = 0x01;
    public static final int SMART = 0x02;
    public static final int FIRMWARE_SLOT = 0x03;
    public static final int CHANGED_NS = 0x04;
    public static final int COMMAND_EFFECTS = 0x05;
    public static final int ANA = 0x0C;
    public static final int FEATURES = 0x12;
    public static final int DISCOVERY = 0x70;

    private LogPageId() {}

    public static int id(MemorySegment sqe, long offset) {
        return u8(sqe, offset + SubmissionEntry.CDW10);
    }

    /** LSP: what else the page's definition wants to know. */
    public static int specific(MemorySegment sqe, long offset) {
        return u8(sqe, offset + SubmissionEntry.CDW10 + 1) & 0x7F;
    }

    public static boolean retainsEvent(MemorySegment sqe, long offset) {
        return (u8(sqe, offset + SubmissionEntry.CDW10 + 1) & 0x80) != 0;
    }

    /** Bytes asked for: 4 to 2^34. */
    public static long bytes(MemorySegment sqe, long offset) {
        long low = u16(sqe, offset + SubmissionEntry.CDW10 + 2);
        long high = u16(sqe, offset + SubmissionEntry.CDW11);
        return ((high << 16 | low) + 1) * 4;
    }

    /** The page of the NVM command set, with an offset in bytes: the one kind there is. */
    public static boolean isPlain(MemorySegment sqe, long offset) {
        return (i32(sqe, offset + SubmissionEntry.CDW14) & 0xFF80_0000) == 0;
    }

    /** LPO; compare it unsigned. */
    public static long offset(MemorySegment sqe, long offset) {
        return i64(sqe, offset + SubmissionEntry.CDW12);
    }
}
