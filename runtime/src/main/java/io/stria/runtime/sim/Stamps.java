package io.stria.runtime.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What hosts write in tests and simulations: logical blocks that say in every word which write they
 * are of, and where they belong. No two words of a block are equal, so that no parity of it is all
 * zeros.
 */
public final class Stamps {
    /** Never written, or unmapped. */
    public static final long ZEROS = 0;

    private Stamps() {}

    public static void fill(MemorySegment buffer, long offset, int bytes, long lba, long stamp) {
        for (int at = 0; at < bytes; at += 8) {
            buffer.set(ValueLayout.JAVA_LONG, offset + at, word(lba, stamp, at));
        }
    }

    /** Logical blocks of so many bytes, one after the other from the beginning of the buffer. */
    public static void fillAll(
            MemorySegment buffer, int bytes, long firstLba, int count, long stamp) {
        for (int i = 0; i < count; i++) {
            fill(buffer, (long) i * bytes, bytes, firstLba + i, stamp);
        }
    }

    /** The stamp of a logical block that is one whole write, or zeros. */
    public static long read(MemorySegment buffer, long offset, int bytes, long lba) {
        long first = buffer.get(ValueLayout.JAVA_LONG, offset);
        long stamp = first == 0 ? ZEROS : first ^ key(lba);
        for (int at = 0; at < bytes; at += 8) {
            long found = buffer.get(ValueLayout.JAVA_LONG, offset + at);
            if (found != (stamp == ZEROS ? 0 : word(lba, stamp, at))) {
                throw new AssertionError(
                        "block %d is no whole write: it begins with stamp %d, and has %x at %d"
                                .formatted(lba, stamp, found, at));
            }
        }
        return stamp;
    }

    private static long word(long lba, long stamp, int at) {
        return (stamp ^ key(lba)) + at * 0x9e3779b97f4a7c15L;
    }

    /** Another one for each logical block: one in the wrong place is noticed. */
    private static long key(long lba) {
        return (lba + 1) << 32;
    }
}
