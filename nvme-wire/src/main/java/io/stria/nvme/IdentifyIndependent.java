package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put8;

import java.lang.foreign.MemorySegment;

/**
 * What can be said of a namespace whatever its command set (CNS 08h), 4096 bytes.
 *
 * <pre>
 *   0 NSFEAT | 1 NMIC | 2 RESCAP | 3 FPI | 4 ANAGRPID 4 | 8 NSATTR | 10 NVMSETID | 12 ENDGID
 *   | 14 NSTAT (bit 0: ready)
 * </pre>
 */
public final class IdentifyIndependent {
    public static final int BYTES = 4096;
    public static final int NMIC = 1;
    public static final int ANAGRPID = 4;
    public static final int NSTAT = 14;

    private IdentifyIndependent() {}

    public static void write(MemorySegment data, long offset, int anaGroup) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        put8(data, offset + NMIC, IdentifyNamespace.NMIC_SHARED);
        put32(data, offset + ANAGRPID, anaGroup);
        put8(data, offset + NSTAT, 1);
    }
}
