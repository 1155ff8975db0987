package io.stria.dataplane.volume;

import java.util.Set;

/** From which slot to which one each chunk of a page moves. On the owner's thread. */
final class Route {
    private final PageLocations from;
    private final PageLocations to;
    private final int[] fromSlots;
    private final int[] toSlots;

    Route(PageLocations from, PageLocations to, int chunks) {
        this.from = from;
        this.to = to;
        this.fromSlots = new int[chunks];
        this.toSlots = new int[chunks];
    }

    /** What {@link #fromSlots} and {@link #toSlots} are of from now on. */
    void locate(long page) {
        from.locate(page, fromSlots);
        to.locate(page, toSlots);
    }

    /**
     * The first page from the given one on of which a chunk moves; {@code end} if there is none
     * before that.
     */
    long nextMoving(long page, long end) {
        long next = page;
        while (next < end && !movesAny(next)) {
            next++;
        }
        return next;
    }

    /**
     * Which of the next 64 pages, of those before {@code end}, have a chunk that moves, as bits.
     */
    long movingPages(long page, long end) {
        long pages = 0;
        int count = (int) Math.min(Long.SIZE, end - page);
        for (int i = 0; i < count; i++) {
            pages |= movesAny(page + i) ? 1L << i : 0;
        }
        return pages;
    }

    private boolean movesAny(long page) {
        locate(page);
        for (int chunk = 0; chunk < toSlots.length; chunk++) {
            if (moves(chunk)) {
                return true;
            }
        }
        return false;
    }

    int[] fromSlots() {
        return fromSlots;
    }

    int[] toSlots() {
        return toSlots;
    }

    boolean moves(int chunk) {
        return fromSlots[chunk] != toSlots[chunk];
    }

    /** Locates the page; its chunks that move to another slot than those, as bits. */
    int moving(long page, Set<Integer> without) {
        locate(page);
        int moving = 0;
        for (int chunk = 0; chunk < toSlots.length; chunk++) {
            if (moves(chunk) && !without.contains(toSlots[chunk])) {
                moving |= 1 << chunk;
            }
        }
        return moving;
    }
}
