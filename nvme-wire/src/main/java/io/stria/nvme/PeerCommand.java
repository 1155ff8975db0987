package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Vendor specific commands by which the owner of a volume speaks to a device of another node,
 * within a {@link SubmissionEntry}. Data from the owner is always in the capsule.
 *
 * <pre>
 *   8           16          24      40           48      50     51      52      56        64
 *   | watermark | groups    | SGL 1 | address    | count | log2 | flags | epoch | version  |
 *
 *   watermark  committed watermark of the volume
 *   groups     of a LIST: bit i stands for count chunks, from the (i x count)-th on from that of
 *              the address; 0: for all to the end. What others hold may be listed or not.
 *   address    device-level address (VUID &lt;&lt; 39 | vLBA) of the first fragment, as SLBA
 *   count      fragments, 0 to 65535; of a LIST with groups, chunks
 *   log2       of the bytes of a fragment: 9 to 12
 *   flags      bit 0: every location of the volume is in sync, so that tombstones at or below the
 *              watermark may be forgotten; bit 1: of an UNMAP, no other version stays behind
 *   epoch      of the volume, 24 bits
 *   version    volume epoch &lt;&lt; 40 | sequence
 *
 *   Data: fragments, each followed by 16 bytes: version 8, CRC32C 4, flags 4; or list entries of 24 bytes.
 *   Result (DW0, DW1): watermark (ATTACH), number of entries and a flag "more" in bit 32 (LIST).
 * </pre>
 */
public final class PeerCommand {
    /** Bits 1:0 say which way data goes, as in every opcode. */
    public static final int ATTACH = 0x80;

    public static final int WRITE = 0x81;
    public static final int READ = 0x82;
    public static final int COMMIT = 0x84;
    public static final int REPLACE = 0x85;
    public static final int READ_AT = 0x86;
    public static final int UNMAP = 0x88;
    public static final int LIST = 0x8A;
    public static final int DELETE = 0x8C;
    public static final int FREE = 0x90;

    /** Vendor specific status: the command's epoch or association is not the newest. */
    public static final int STATUS_FENCED = 0x7C0;

    /** Vendor specific status: the node has no lease. */
    public static final int STATUS_NOT_SERVING = 0x7C1;

    private static final int WATERMARK = 8;
    private static final int GROUPS = 16;
    private static final int ADDRESS = 40;
    private static final int COUNT = 48;
    private static final int LOG2 = 50;
    private static final int FLAGS = 51;
    private static final int EPOCH = 52;
    private static final int VERSION = 56;

    private static final int ALL_IN_SYNC = 1;
    private static final int DROPS_OTHERS = 2;

    private PeerCommand() {}

    public static long watermark(MemorySegment sqe, long offset) {
        return i64(sqe, offset + WATERMARK);
    }

    /** Bits of a LIST. */
    public static long groups(MemorySegment sqe, long offset) {
        return i64(sqe, offset + GROUPS);
    }

    public static long address(MemorySegment sqe, long offset) {
        return i64(sqe, offset + ADDRESS);
    }

    public static int count(MemorySegment sqe, long offset) {
        return u16(sqe, offset + COUNT);
    }

    /** As it came: the receiver checks its range. */
    public static int fragmentShift(MemorySegment sqe, long offset) {
        return u8(sqe, offset + LOG2);
    }

    public static boolean allInSync(MemorySegment sqe, long offset) {
        return (u8(sqe, offset + FLAGS) & ALL_IN_SYNC) != 0;
    }

    public static boolean dropsOthers(MemorySegment sqe, long offset) {
        return (u8(sqe, offset + FLAGS) & DROPS_OTHERS) != 0;
    }

    /** As it came: more than 24 bits are to be refused. */
    public static int epoch(MemorySegment sqe, long offset) {
        return LittleEndian.i32(sqe, offset + EPOCH);
    }

    public static long version(MemorySegment sqe, long offset) {
        return i64(sqe, offset + VERSION);
    }

    /** The whole entry but for the SGL. */
    public static void write(
            MemorySegment sqe,
            long offset,
            int opcode,
            int commandId,
            long groups,
            long address,
            int count,
            int fragmentShift,
            int epoch,
            long watermark,
            boolean allInSync,
            boolean dropsOthers,
            long version) {
        assert count >= 0 && count <= 0xFFFF;
        SubmissionEntry.write(sqe, offset, opcode, commandId, 1);
        put64(sqe, offset + WATERMARK, watermark);
        put64(sqe, offset + GROUPS, groups);
        put64(sqe, offset + ADDRESS, address);
        put16(sqe, offset + COUNT, count);
        put8(sqe, offset + LOG2, fragmentShift);
        put8(sqe, offset + FLAGS, (allInSync ? ALL_IN_SYNC : 0) | (dropsOthers ? DROPS_OTHERS : 0));
        put32(sqe, offset + EPOCH, epoch);
        put64(sqe, offset + VERSION, version);
    }
}
