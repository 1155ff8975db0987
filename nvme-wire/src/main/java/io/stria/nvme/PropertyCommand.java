package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Fields of Property Get and Property Set within their {@link SubmissionEntry}: a controller's
 * registers, where there is no PCI.
 *
 * <pre>
 *   40       41   44       48                56
 *   | ATTRIB |    | OFST   | VALUE (Set)     |
 *
 *   ATTRIB  bits 2:0: 0 for a property of 4 bytes, 1 for 8
 *   Result of Get: the value in DW0 and DW1
 * </pre>
 */
public final class PropertyCommand {
    public static final int ATTRIB = 40;
    public static final int OFST = 44;
    public static final int VALUE = 48;

    private PropertyCommand() {}

    /** True for a property of 8 bytes. */
    public static boolean isLong(MemorySegment sqe, long offset) {
        return (u8(sqe, offset + ATTRIB) & 7) == 1;
    }

    /** One of {@link ControllerProperty}. */
    public static int property(MemorySegment sqe, long offset) {
        return i32(sqe, offset + OFST);
    }

    public static long value(MemorySegment sqe, long offset) {
        return i64(sqe, offset + VALUE);
    }

    public static void writeGet(
            MemorySegment sqe, long offset, int commandId, int property, boolean isLong) {
        SubmissionEntry.writeFabrics(sqe, offset, FabricsType.PROPERTY_GET, commandId);
        put8(sqe, offset + ATTRIB, isLong ? 1 : 0);
        put32(sqe, offset + OFST, property);
    }

    public static void writeSet(
            MemorySegment sqe, long offset, int commandId, int property, int value) {
        SubmissionEntry.writeFabrics(sqe, offset, FabricsType.PROPERTY_SET, commandId);
        put32(sqe, offset + OFST, property);
        put64(sqe, offset + VALUE, value & 0xFFFF_FFFFL);
    }
}
