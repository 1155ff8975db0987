package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put64;

import java.lang.foreign.MemorySegment;

/**
 * IO command set vectors (CNS 1Ch), 4096 bytes: 512 combinations that can be selected, a bit for
 * each command set. Stria has one combination, NVM alone (bit 0).
 */
public final class CommandSets {
    public static final int BYTES = 4096;

    private CommandSets() {}

    public static void write(MemorySegment data, long offset) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        put64(data, offset, 1L << Cns.CSI_NVM);
    }
}
