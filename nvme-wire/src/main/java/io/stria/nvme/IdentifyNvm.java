package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;

import java.lang.foreign.MemorySegment;

/**
 * The NVM command set's own identify data, 4096 bytes each.
 *
 * <pre>
 *   Controller (CNS 06h):  0 VSL | 1 WZSL | 2 WUSL | 3 DMRL | 4 DMRSL 4 | 8 DMSL 8
 *     VSL    most pages of 4 KiB of one Verify: 2^n,
 *     WZSL   most pages of 4 KiB of one Write Zeroes: 2^n
 *     DMRL   ranges of one Dataset Management,  DMRSL blocks of one range,  DMSL of all ranges
 *   Namespace (CNS 05h):   all zero: no protection information
 * </pre>
 */
public final class IdentifyNvm {
    public static final int BYTES = 4096;
    public static final int VSL = 0;
    public static final int WZSL = 1;
    public static final int DMRL = 3;
    public static final int DMRSL = 4;
    public static final int DMSL = 8;

    private IdentifyNvm() {}

    public static void writeController(
            MemorySegment data,
            long offset,
            int verifyBlocksMax,
            int writeZeroesBlocksMax,
            int rangesMax,
            int rangeBlocksMax,
            long blocksMax) {
        assert Integer.bitCount(verifyBlocksMax) == 1;
        assert Integer.bitCount(writeZeroesBlocksMax) == 1 && rangesMax < 256;
        data.asSlice(offset, BYTES).fill((byte) 0);
        put8(data, offset + VSL, Integer.numberOfTrailingZeros(verifyBlocksMax));
        put8(data, offset + WZSL, Integer.numberOfTrailingZeros(writeZeroesBlocksMax));
        put8(data, offset + DMRL, rangesMax);
        put32(data, offset + DMRSL, rangeBlocksMax);
        put64(data, offset + DMSL, blocksMax);
    }

    public static void writeNamespace(MemorySegment data, long offset) {
        data.asSlice(offset, BYTES).fill((byte) 0);
    }
}
