package io.stria.dataplane.store;

import java.lang.foreign.Arena;

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
    private final PageSet free;
    private PageSet gathering;
    private PageSet closed;
    private long closedAtSequence;
    private int highWater;
    private int blankMark;
    private boolean open;
    private int recordedHighWater;
    private boolean recordWanted;
    private int cursor;

    PageAllocator(Arena arena, int pages) {
        this.pages = pages;
        this.free = new PageSet(arena, pages);
        this.gathering = new PageSet(arena, pages);
        this.closed = new PageSet(arena, pages);
    }

    /** At most: only what is touched takes room. */
    long bytes() {
        return 3 * PageSet.bytesFor(pages);
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
        return highWater - free.count() - quarantined();
    }

    int available() {
        return pages - highWater + free.count();
    }

    int quarantined() {
        return gathering.count() + closed.count();
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
            if (!gathering.contains(page)) {
                free.add(page);
            }
        }
    }

    /** The page has an owner; false if it had one. */
    boolean claim(int page) {
        return free.remove(page);
    }

    /** A free page, {@link #NONE} or {@link #NOT_YET}. */
    int take() {
        if (!open) {
            return NONE;
        }
        if (free.isEmpty()) {
            if (highWater == pages) {
                return NONE;
            }
            return highWater < blankMark ? highWater++ : NOT_YET;
        }
        cursor = free.next(cursor);
        free.remove(cursor);
        return cursor;
    }

    /**
     * A free page whose header may be written without a journal record that names the page first:
     * one that recovery looks at in any case. Returns -1 if there is none yet; {@link #wantsRecord}
     * may bring one.
     */
    int takeKnown() {
        if (open && free.isEmpty() && highWater < blankMark) {
            untake(highWater++);
        }
        int page = free.isEmpty() ? NONE : take();
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
        free.add(page);
    }

    void giveBack(int page) {
        gathering.add(page);
    }

    /** Recovery: the page was given back, and given out again later. */
    void takeBack(int page) {
        gathering.remove(page);
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
        if (!closed.isEmpty()) {
            return closedAtSequence;
        }
        return gathering.isEmpty() ? NOTHING_WAITS : 0;
    }

    void release(long recordedTail, long newestSequence) {
        if (!open) {
            return;
        }
        if (!closed.isEmpty() && recordedTail > closedAtSequence) {
            free.takeAll(closed);
        }
        if (closed.isEmpty() && !gathering.isEmpty()) {
            PageSet empty = closed;
            closed = gathering;
            closedAtSequence = newestSequence;
            gathering = empty;
        }
    }
}
