package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put32;

import java.lang.foreign.MemorySegment;

/** Supported log pages (00h), 1024 bytes: 4 bytes for each page, bit 0: it can be read. */
public final class SupportedLogPages {
    public static final int BYTES = 1024;

    private SupportedLogPages() {}

    public static void write(MemorySegment data, long offset, int... pages) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        for (int page : pages) {
            put32(data, offset + 4L * page, 1);
        }
    }
}
