package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put32;

import java.lang.foreign.MemorySegment;

/**
 * Feature identifiers supported and effects (12h), 1024 bytes: 4 bytes for each feature.
 *
 * <pre>
 *   bit 0 FSUPP: supported,  bits 31:20 scope (bit 21: the controller)
 * </pre>
 */
public final class SupportedFeatures {
    public static final int BYTES = 1024;
    private static final int OF_CONTROLLER = 1 | 1 << 21;

    private SupportedFeatures() {}

    public static void write(MemorySegment data, long offset, int... features) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        for (int feature : features) {
            put32(data, offset + 4L * feature, OF_CONTROLLER);
        }
    }
}
