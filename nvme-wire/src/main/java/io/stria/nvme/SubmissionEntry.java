package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Submission queue entry: one command, 64 bytes.
 *
 * <pre>
 *   0     1       2       4        8       12      16              24                40
 *   | OPC | FLAGS | CID   | NSID   | CDW2  | CDW3  | MPTR 8        | SGL 1 (16)      |
 *   40      44      48      52      56      60      64
 *   | CDW10 | CDW11 | CDW12 | CDW13 | CDW14 | CDW15 |
 *
 *   FLAGS  bits 1:0 FUSE (0: not fused), bits 7:6 PSDT (1: SGL, as every fabrics command)
 *   SGL 1  {@link SglDescriptor}
 *   A fabrics command (OPC 7Fh) has its type, FCTYPE, in byte 4.
 * </pre>
 */
public final class SubmissionEntry {
    public static final int BYTES = 64;
    public static final int OPC = 0;
    public static final int FLAGS = 1;
    public static final int CID = 2;
    public static final int NSID = 4;
    public static final int FCTYPE = 4;
    public static final int CDW2 = 8;
    public static final int CDW3 = 12;
    public static final int MPTR = 16;
    public static final int SGL = 24;
    public static final int CDW10 = 40;
    public static final int CDW11 = 44;
    public static final int CDW12 = 48;
    public static final int CDW13 = 52;
    public static final int CDW14 = 56;
    public static final int CDW15 = 60;

    public static final int FLAGS_FUSE_MASK = 0x03;
    public static final int FLAGS_PSDT_MASK = 0xC0;
    public static final int FLAGS_PSDT_SGL = 0x40;

    /** NSID that stands for every namespace. */
    public static final int NSID_ALL = 0xFFFF_FFFF;

    private SubmissionEntry() {}

    public static int opcode(MemorySegment sqe, long offset) {
        return u8(sqe, offset + OPC);
    }

    public static int flags(MemorySegment sqe, long offset) {
        return u8(sqe, offset + FLAGS);
    }

    public static int commandId(MemorySegment sqe, long offset) {
        return u16(sqe, offset + CID);
    }

    public static int nsid(MemorySegment sqe, long offset) {
        return i32(sqe, offset + NSID);
    }

    /** FCTYPE of a fabrics command. */
    public static int fabricsType(MemorySegment sqe, long offset) {
        return u8(sqe, offset + FCTYPE);
    }

    public static int cdw2(MemorySegment sqe, long offset) {
        return i32(sqe, offset + CDW2);
    }

    public static int cdw3(MemorySegment sqe, long offset) {
        return i32(sqe, offset + CDW3);
    }

    public static long metadataPointer(MemorySegment sqe, long offset) {
        return i64(sqe, offset + MPTR);
    }

    public static int cdw10(MemorySegment sqe, long offset) {
        return i32(sqe, offset + CDW10);
    }

    public static int cdw11(MemorySegment sqe, long offset) {
        return i32(sqe, offset + CDW11);
    }

    public static int cdw12(MemorySegment sqe, long offset) {
        return i32(sqe, offset + CDW12);
    }

    public static int cdw13(MemorySegment sqe, long offset) {
        return i32(sqe, offset + CDW13);
    }

    public static int cdw14(MemorySegment sqe, long offset) {
        return i32(sqe, offset + CDW14);
    }

    public static int cdw15(MemorySegment sqe, long offset) {
        return i32(sqe, offset + CDW15);
    }

    /** CDW10 and CDW11: the first LBA of an IO command. */
    public static long startingLba(MemorySegment sqe, long offset) {
        return i64(sqe, offset + CDW10);
    }

    /** Blocks of an IO command, at least 1: the field in CDW12 counts from zero. */
    public static int lbaCount(MemorySegment sqe, long offset) {
        return u16(sqe, offset + CDW12) + 1;
    }

    /** Clears the entry and sets opcode, identifier, namespace and "data by SGL". */
    public static void write(MemorySegment sqe, long offset, int opcode, int commandId, int nsid) {
        // Plain stores: a slice would be one object for each command of an initiator.
        for (int i = 0; i < BYTES; i += Long.BYTES) {
            put64(sqe, offset + i, 0);
        }
        put8(sqe, offset + OPC, opcode);
        put8(sqe, offset + FLAGS, FLAGS_PSDT_SGL);
        put16(sqe, offset + CID, commandId);
        put32(sqe, offset + NSID, nsid);
    }

    /** Clears the entry and makes it a fabrics command of the type. */
    public static void writeFabrics(MemorySegment sqe, long offset, int type, int commandId) {
        write(sqe, offset, FabricsType.OPCODE, commandId, 0);
        put8(sqe, offset + FCTYPE, type);
    }

    /** CDW10 to CDW12 of an IO command. */
    public static void putLbas(MemorySegment sqe, long offset, long startingLba, int lbaCount) {
        assert lbaCount >= 1 && lbaCount <= 1 << 16;
        put64(sqe, offset + CDW10, startingLba);
        put16(sqe, offset + CDW12, lbaCount - 1);
    }
}
