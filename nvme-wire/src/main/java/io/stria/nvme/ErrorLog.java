package io.stria.nvme;

import java.lang.foreign.MemorySegment;

/**
 * Error information log (01h): entries of 64 bytes, newest first. Stria keeps none: an entry whose
 * error count is zero is an unused one.
 */
public final class ErrorLog {
    public static final int ENTRY_BYTES = 64;

    private ErrorLog() {}

    public static void write(MemorySegment data, long offset, int entries) {
        data.asSlice(offset, (long) entries * ENTRY_BYTES).fill((byte) 0);
    }
}
