package io.stria.dataplane.volume;

import java.util.BitSet;

/** A set of blocks of a window of pages, which begins at a first block; as bits. */
final class WindowBlocks {
    private final BitSet bits = new BitSet();
    private long first;

    /** Empties it; blocks below the first are never added. */
    void begin(long firstBlock) {
        first = firstBlock;
        bits.clear();
    }

    void add(long block) {
        bits.set(offset(block));
    }

    void add(long block, int count) {
        bits.set(offset(block), offset(block) + count);
    }

    void addAll(WindowBlocks other) {
        assert first == other.first;
        bits.or(other.bits);
    }

    /** Adds what is in both of the others. */
    void addCommon(WindowBlocks one, WindowBlocks other) {
        assert first == one.first && first == other.first;
        BitSet common = (BitSet) one.bits.clone();
        common.and(other.bits);
        bits.or(common);
    }

    void removeAll(WindowBlocks other) {
        assert first == other.first;
        bits.andNot(other.bits);
    }

    void remove(long block, int count) {
        bits.clear(offset(block), offset(block) + count);
    }

    /** Takes out those from the given one on. */
    void cut(long fromBlock) {
        bits.clear(offset(fromBlock), Math.max(offset(fromBlock), bits.length()));
    }

    private int offset(long block) {
        return Math.toIntExact(block - first);
    }

    boolean contains(long block) {
        return bits.get(offset(block));
    }

    boolean isEmpty() {
        return bits.isEmpty();
    }

    int size() {
        return bits.cardinality();
    }

    /** The lowest at or above the given one, or -1. */
    long next(long block) {
        int next = bits.nextSetBit(offset(block));
        return next < 0 ? -1 : first + next;
    }

    /** The lowest, or -1. */
    long lowest() {
        return next(first);
    }
}
