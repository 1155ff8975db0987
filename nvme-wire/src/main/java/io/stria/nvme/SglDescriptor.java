package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u32;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * The one SGL descriptor of a command capsule: where its data is.
 *
 * <pre>
 *   0                 8           12           15      16
 *   | address/offset  | length    | reserved   | ID    |
 *
 *   ID 01h  data block at an offset behind the entry: in-capsule data
 *   ID 5Ah  transport data block: data goes in H2CData or C2HData; the address is 0
 * </pre>
 */
public final class SglDescriptor {
    public static final int BYTES = 16;
    public static final int ADDRESS = 0;
    public static final int LENGTH = 8;
    public static final int ID = 15;

    public static final int ID_IN_CAPSULE = 0x01;
    public static final int ID_TRANSPORT = 0x5A;

    private SglDescriptor() {}

    public static long address(MemorySegment sgl, long offset) {
        return i64(sgl, offset + ADDRESS);
    }

    public static long dataBytes(MemorySegment sgl, long offset) {
        return u32(sgl, offset + LENGTH);
    }

    public static int id(MemorySegment sgl, long offset) {
        return u8(sgl, offset + ID);
    }

    public static void write(MemorySegment sgl, long offset, int id, int dataBytes) {
        put64(sgl, offset + ADDRESS, 0);
        put32(sgl, offset + LENGTH, dataBytes);
        put32(sgl, offset + 12, 0);
        put8(sgl, offset + ID, id);
    }
}
