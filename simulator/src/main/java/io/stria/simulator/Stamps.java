package io.stria.simulator;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What hosts write: logical blocks that say which write they are of, in every word. */
public final class Stamps {
    private Stamps() {}

    public static void fill(MemorySegment buffer, long offset, int bytes, long block, long stamp) {
        for (int at = 0; at < bytes; at += 8) {
            buffer.set(ValueLayout.JAVA_LONG, offset + at, word(block, stamp, at));
        }
    }

    /** The stamp of a block that is one whole write, or zeros. */
    public static long read(MemorySegment buffer, long offset, int bytes, long block) {
        long first = buffer.get(ValueLayout.JAVA_LONG, offset);
        long stamp = first == 0 ? BlockHistory.ZEROS : first ^ key(block);
        for (int at = 0; at < bytes; at += 8) {
            long found = buffer.get(ValueLayout.JAVA_LONG, offset + at);
            long expected = stamp == BlockHistory.ZEROS ? 0 : word(block, stamp, at);
            if (found != expected) {
                throw new AssertionError(
                        "block %d is no whole write: begins with stamp %d, and has %x at %d"
                                .formatted(block, stamp, found, at));
            }
        }
        return stamp;
    }

    private static long word(long block, long stamp, int at) {
        return (stamp ^ key(block)) + (long) at * 0x9e3779b97f4a7c15L;
    }

    /** Another one for each block: a block in the wrong place is noticed. */
    private static long key(long block) {
        return (block + 1) << 32;
    }
}
