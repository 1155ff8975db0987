package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;

import java.lang.foreign.MemorySegment;

/**
 * Identify Namespace (CNS 00h), 4096 bytes. The fields that Stria sets:
 *
 * <pre>
 *     0 NSZE 8      8 NCAP 8     16 NUSE 8    24 NSFEAT    25 NLBAF    26 FLBAS
 *    30 NMIC       33 DLFEAT     34 NAWUN     36 NAWUPF    38 NACWU    40 NABSN
 *    42 NABO       44 NABSPF     46 NOIOB     64 NPWG      66 NPWA     68 NPDG
 *    70 NPDA       72 NOWS       92 ANAGRPID
 *   104 NGUID 16  120 EUI64 8   128 LBAF0: MS 2 | LBADS 1 | RP 1
 * </pre>
 */
public final class IdentifyNamespace {
    public static final int BYTES = 4096;
    public static final int NSZE = 0;
    public static final int NCAP = 8;
    public static final int NUSE = 16;
    public static final int NSFEAT = 24;
    public static final int NLBAF = 25;
    public static final int FLBAS = 26;
    public static final int NMIC = 30;
    public static final int DLFEAT = 33;
    public static final int NAWUN = 34;
    public static final int NAWUPF = 36;
    public static final int NACWU = 38;
    public static final int NABSN = 40;
    public static final int NABO = 42;
    public static final int NABSPF = 44;
    public static final int NOIOB = 46;
    public static final int NPWG = 64;
    public static final int NPWA = 66;
    public static final int NPDG = 68;
    public static final int NPDA = 70;
    public static final int NOWS = 72;
    public static final int ANAGRPID = 92;
    public static final int NGUID = 104;
    public static final int EUI64 = 120;
    public static final int LBAF0 = 128;

    /** NSFEAT: the namespace's own fields say what is written whole (NAWUN to NABSPF). */
    public static final int NSFEAT_ATOMICITY = 1 << 1;

    /** NSFEAT: the preferred granularities (NPWG to NOWS) are set. */
    public static final int NSFEAT_OPTIMAL = 1 << 4;

    public static final int NMIC_SHARED = 1;

    /** DLFEAT: deallocated blocks read as zeros; Write Zeroes may deallocate. */
    public static final int DLFEAT_ZEROS = 0x09;

    private IdentifyNamespace() {}

    /**
     * One format, without metadata. What is written whole or not at all, in normal operation and at
     * a power fail, is the part of a write that lies in one unit; nothing is promised of a fused
     * Compare and Write, which is not supported.
     *
     * @param blocks logical blocks, as all counts here
     * @param blockShift size of a logical block: 2^n bytes
     * @param unitBlocks smallest and best aligned write that reads nothing first: what is written
     *     whole. 1 if that is any block: then the controller's fields say so
     * @param boundaryBlocks where an IO that crosses is split; 0 for nowhere
     * @param optimalBlocks size and alignment of writes that cost least, at most what one command
     *     moves; 0 if all are alike
     */
    public static void write(
            MemorySegment data,
            long offset,
            long blocks,
            int blockShift,
            int unitBlocks,
            int anaGroup,
            byte[] nguid,
            int boundaryBlocks,
            int optimalBlocks) {
        assert nguid.length == 16;
        data.asSlice(offset, BYTES).fill((byte) 0);
        put64(data, offset + NSZE, blocks);
        put64(data, offset + NCAP, blocks);
        put64(data, offset + NUSE, blocks);
        put8(data, offset + NMIC, NMIC_SHARED);
        put8(data, offset + DLFEAT, DLFEAT_ZEROS);
        put32(data, offset + ANAGRPID, anaGroup);
        MemorySegment.copy(MemorySegment.ofArray(nguid), 0, data, offset + NGUID, 16);
        put8(data, offset + LBAF0 + 2, blockShift);
        put16(data, offset + NOIOB, boundaryBlocks);
        int features = 0;
        if (optimalBlocks > 0 || unitBlocks > 1) {
            features |= NSFEAT_OPTIMAL;
            put16(data, offset + NOWS, Math.max(optimalBlocks, unitBlocks) - 1);
            for (int field : new int[] {NPWG, NPWA, NPDG, NPDA}) {
                put16(data, offset + field, unitBlocks - 1);
            }
        }
        if (unitBlocks > 1) {
            features |= NSFEAT_ATOMICITY;
            for (int field : new int[] {NAWUN, NAWUPF, NABSN, NABSPF}) {
                put16(data, offset + field, unitBlocks - 1);
            }
        }
        put8(data, offset + NSFEAT, features);
    }
}
