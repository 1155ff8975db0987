package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.u32;

import java.lang.foreign.MemorySegment;

/**
 * One range of Dataset Management; CDW10 bits 7:0 hold how many there are, less one, and CDW11 what
 * to do with them.
 *
 * <pre>
 *   0               4         8           16
 *   | attributes    | blocks  | SLBA      |
 * </pre>
 */
public final class DatasetRange {
    public static final int BYTES = 16;

    /** CDW11: the ranges are no longer needed. */
    public static final int DEALLOCATE = 1 << 2;

    private DatasetRange() {}

    public static long blocks(MemorySegment data, long offset) {
        return u32(data, offset + 4);
    }

    public static long startingLba(MemorySegment data, long offset) {
        return i64(data, offset + 8);
    }

    public static void write(MemorySegment data, long offset, long startingLba, int blocks) {
        put32(data, offset, 0);
        put32(data, offset + 4, blocks);
        put64(data, offset + 8, startingLba);
    }
}
