package io.stria.dataplane.store;

import java.util.Arrays;

/**
 * Which pages are free. A page that is given back passes through quarantine until no journal record
 * that names it can be replayed any more: pages given back gather in one set, which is closed with
 * the sequence of the newest batch and opened once the recorded tail of the ring is behind it.
 */
final class PageAllocator {
    static final int NONE = -1;

    /** There will be a page once its header is known to be blank, see {@link Blanking}. */
    static final int NOT_YET = -2;

    static final long NOTHING_WAITS = Long.MAX_VALUE;

    private final int pages;
    private final long[] free;
    private long[] gathering;
    private long[] closed;
    private int freeCount;
    private int gatheringCount;
    private int closedCount;
    private long closedAtSequence;
    private int highWater;
    private int blankMark;
    private boolean open;
    private int recordedHighWater;
    private boolean recordWanted;
    private int cursor;

    PageAllocator(int pages) {
        this.pages = pages;
        this.free = new long[(pages + 63) / 64];
        this.gathering = new long[free.length];
        this.closed = new long[free.length];
    }

    /** Pages below this number were given out at some time since the device was formatted. */
    int highWater() {
        return highWater;
    }

    /** Pages below this number are blank on the device, if they were not given out before. */
    int blankMark() {
        return blankMark;
    }

    void blankBelow(int mark) {
        blankMark = mark;
    }

    /** Pages that could be given out for the first time now. */
    int blankAhead() {
        return blankMark - highWater;
    }

    int used() {
        return highWater - freeCount - gatheringCount - closedCount;
    }

    int available() {
        return pages - highWater + freeCount;
    }

    int quarantined() {
        return gatheringCount + closedCount;
    }

    /**
     * Recovery: everything below the mark is free until {@link #claim} says otherwise, but for what
     * was given back meanwhile. Nothing is given out before.
     */
    void restore(int mark) {
        highWater = mark;
        recordedHighWater = mark;
        blankMark = mark;
        open = true;
        for (int page = 0; page < mark; page++) {
            if ((gathering[page >> 6] >>> page & 1) == 0) {
                free[page >> 6] |= 1L << page;
                freeCount++;
            }
        }
    }

    /** The page has an owner; false if it had one. */
    boolean claim(int page) {
        if ((free[page >> 6] >>> page & 1) == 0) {
            return false;
        }
        free[page >> 6] &= ~(1L << page);
        freeCount--;
        return true;
    }

    /** A free page, {@link #NONE} or {@link #NOT_YET}. */
    int take() {
        if (!open) {
            return NONE;
        }
        if (freeCount == 0) {
            if (highWater == pages) {
                return NONE;
            }
            return highWater < blankMark ? highWater++ : NOT_YET;
        }
        while (free[cursor] == 0) {
            cursor = cursor + 1 == free.length ? 0 : cursor + 1;
        }
        int page = (cursor << 6) + Long.numberOfTrailingZeros(free[cursor]);
        free[cursor] &= free[cursor] - 1;
        freeCount--;
        return page;
    }

    /**
     * A free page whose header may be written without a journal record that names the page first:
     * one that recovery looks at in any case. Returns -1 if there is none yet; {@link #wantsRecord}
     * may bring one.
     */
    int takeKnown() {
        if (open && freeCount == 0 && highWater < blankMark) {
            untake(highWater++);
        }
        int page = freeCount == 0 ? NONE : take();
        if (page >= recordedHighWater) {
            untake(page);
            recordWanted = true;
            return NONE;
        }
        return page;
    }

    /** Somebody waits for a batch that records the present high water mark. */
    boolean wantsRecord() {
        return recordWanted;
    }

    /** A batch with this mark is durable. */
    void recorded(int mark) {
        recordedHighWater = Math.max(recordedHighWater, mark);
        recordWanted = false;
    }

    /** Takes back a page that no journal record has ever named. */
    void untake(int page) {
        free[page >> 6] |= 1L << page;
        freeCount++;
    }

    void giveBack(int page) {
        gathering[page >> 6] |= 1L << page;
        gatheringCount++;
    }

    /** Recovery: the page was given back, and given out again later. */
    void takeBack(int page) {
        if ((gathering[page >> 6] >>> page & 1) != 0) {
            gathering[page >> 6] &= ~(1L << page);
            gatheringCount--;
        }
    }

    /** The sequence that the recorded tail must pass for the oldest pages in quarantine. */
    long quarantineSequence() {
        return closedAtSequence;
    }

    /**
     * What the recorded tail must pass before pages go on from quarantine: the next batch does for
     * those that gather, and {@link #NOTHING_WAITS} says that there are none.
     */
    long waitsFor() {
        if (closedCount > 0) {
            return closedAtSequence;
        }
        return gatheringCount > 0 ? 0 : NOTHING_WAITS;
    }

    void release(long recordedTail, long newestSequence) {
        if (!open) {
            return;
        }
        if (closedCount > 0 && recordedTail > closedAtSequence) {
            for (int i = 0; i < closed.length; i++) {
                free[i] |= closed[i];
            }
            Arrays.fill(closed, 0);
            freeCount += closedCount;
            closedCount = 0;
        }
        if (closedCount == 0 && gatheringCount > 0) {
            long[] empty = closed;
            closed = gathering;
            closedCount = gatheringCount;
            closedAtSequence = newestSequence;
            gathering = empty;
            gatheringCount = 0;
        }
    }
}
