package io.stria.dataplane.store;

import io.stria.runtime.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Pages of a device, a bit for each, off heap: 1 MiB for each TiB in pages of 128 KiB. */
final class PageSet {
    private final MemorySegment words;
    private final int wordCount;

    /** Words outside of these are zero. */
    private int low = Integer.MAX_VALUE;

    private int high = -1;
    private int count;

    PageSet(Arena arena, int pages) {
        wordCount = (int) ((pages + 63L) / 64);
        words = Memory.within(arena, 8L * wordCount);
    }

    static long bytesFor(int pages) {
        return (pages + 63L) / 64 * 8;
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean contains(int page) {
        return (word(page >> 6) >>> page & 1) != 0;
    }

    /** One that is not in it. */
    void add(int page) {
        assert !contains(page);
        put(page >> 6, word(page >> 6) | 1L << page);
        low = Math.min(low, page >> 6);
        high = Math.max(high, page >> 6);
        count++;
    }

    /** Returns whether it was in it. */
    boolean remove(int page) {
        if (!contains(page)) {
            return false;
        }
        put(page >> 6, word(page >> 6) & ~(1L << page));
        count--;
        return true;
    }

    /**
     * Of a set that is not empty: one in the word of this page, or else the next one, going round.
     */
    int next(int page) {
        int i = page >> 6;
        while (word(i) == 0) {
            i = i + 1 == wordCount ? 0 : i + 1;
        }
        return (i << 6) + Long.numberOfTrailingZeros(word(i));
    }

    /** Adds all pages of another set, which has none in common with this one, and empties that. */
    void takeAll(PageSet other) {
        for (int i = other.low; i <= other.high; i++) {
            long word = other.word(i);
            if (word != 0) {
                put(i, word(i) | word);
                other.put(i, 0);
            }
        }
        low = Math.min(low, other.low);
        high = Math.max(high, other.high);
        count += other.count;
        other.low = Integer.MAX_VALUE;
        other.high = -1;
        other.count = 0;
    }

    private long word(int i) {
        return words.getAtIndex(ValueLayout.JAVA_LONG, i);
    }

    private void put(int i, long word) {
        words.setAtIndex(ValueLayout.JAVA_LONG, i, word);
    }
}
