package io.stria.rdp.xor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The whole address space as one segment, read and written by address.
 *
 * <p>One constant segment keeps the kernels' loops free of per-segment checks, and of profiles that
 * other kinds of segment have polluted. Addresses come from callers that have checked bounds, life
 * and thread.
 */
final class NativeMemory {

    @SuppressWarnings("restricted")
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private NativeMemory() {}

    /**
     * The same address; no process has memory above 2^62. The compiler then knows that this
     * address, and what is a little further on, is inside {@link #ALL}, and leaves out every check:
     * more than half of an encode's time.
     */
    static long provablyValid(long address) {
        return address & (1L << 62) - 1;
    }

    static long get(long address) {
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    static void set(long address, long value) {
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    static void copy(long source, long target, int bytes) {
        MemorySegment.copy(ALL, source, ALL, target, bytes);
    }
}
