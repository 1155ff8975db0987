package io.stria.simulator.powercut;

import io.stria.dataplane.device.BlockDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Blocks that say in every word which write they are of, and where they belong. */
final class Content {
    /** Never written, or unmapped. */
    static final long ZEROS = 0;

    private Content() {}

    static void fill(MemorySegment buffer, long offset, long block, long stamp) {
        for (int at = 0; at < BlockDevice.BLOCK_BYTES; at += 8) {
            buffer.set(ValueLayout.JAVA_LONG, offset + at, word(block, stamp, at));
        }
    }

    /** The stamp of a block that is one whole write. */
    static long read(MemorySegment buffer, long offset, long block) {
        long first = buffer.get(ValueLayout.JAVA_LONG, offset);
        long stamp = first == 0 ? ZEROS : first ^ key(block);
        for (int at = 0; at < BlockDevice.BLOCK_BYTES; at += 8) {
            long expected = stamp == ZEROS ? 0 : word(block, stamp, at);
            if (buffer.get(ValueLayout.JAVA_LONG, offset + at) != expected) {
                throw new AssertionError(
                        "block %d is no whole write: it begins with stamp %d, and differs at %d"
                                .formatted(block, stamp, at));
            }
        }
        return stamp;
    }

    private static long word(long block, long stamp, int at) {
        return (stamp ^ key(block)) + at * 0x9e3779b97f4a7c15L;
    }

    private static long key(long block) {
        return (block + 1) << 32;
    }
}
