package io.stria.dataplane.store;

import java.util.Arrays;

/**
 * Device blocks of one page's data that a merge writes, and those of them of which it has to read
 * the rest first. They lie in memory one after the other: blocks that are not touched take no room.
 * Reused from page to page.
 */
final class TouchedBlocks {
    private final int blockBytes;
    private final int blocks;
    private final long[] touched;
    private final long[] partial;

    TouchedBlocks(Layout layout) {
        this.blockBytes = layout.blockBytes();
        this.blocks = layout.chunkBytes() / blockBytes;
        int words = Math.max(1, blocks / 64);
        this.touched = new long[words];
        this.partial = new long[words];
    }

    void clear() {
        Arrays.fill(touched, 0);
        Arrays.fill(partial, 0);
    }

    /** All blocks that hold some of a fragment of {@code 1 << shift} bytes. */
    void touch(int fragment, int shift) {
        int first = (fragment << shift) / blockBytes;
        int last = ((fragment + 1 << shift) - 1) / blockBytes;
        for (int block = first; block <= last; block++) {
            touched[block >> 6] |= 1L << block;
        }
    }

    /** What else lies in the block has to be read first. */
    void partial(int block) {
        partial[block >> 6] |= 1L << block;
    }

    private boolean isTouched(int block) {
        return block >> 6 < touched.length && (touched[block >> 6] >>> block & 1) != 0;
    }

    /** The bytes that all of them take. */
    int bytes() {
        int count = 0;
        for (long word : touched) {
            count += Long.bitCount(word);
        }
        return count * blockBytes;
    }

    /** How far behind the first of them this one lies in memory. */
    int offset(int block) {
        int rank = 0;
        for (int word = 0; word < block >> 6; word++) {
            rank += Long.bitCount(touched[word]);
        }
        rank += Long.bitCount(touched[block >> 6] & (1L << block) - 1);
        return rank * blockBytes;
    }

    /** The first that is touched, from this one on; {@link #end} or more if there is none. */
    int next(int from) {
        int block = from;
        while (block < touched.length * 64 && !isTouched(block)) {
            block++;
        }
        return block;
    }

    /** The first behind this one that is not touched. */
    int endOfRun(int from) {
        int block = from;
        while (isTouched(block)) {
            block++;
        }
        return block;
    }

    /** Behind the last block of a page. */
    int end() {
        return blocks;
    }

    /** Whether one of these is to be read first. */
    boolean anyPartial(int from, int to) {
        for (int block = from; block < to; block++) {
            if ((partial[block >> 6] >>> block & 1) != 0) {
                return true;
            }
        }
        return false;
    }
}
