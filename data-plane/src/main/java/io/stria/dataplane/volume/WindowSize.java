package io.stria.dataplane.volume;

/** How many pages the next window of a movement has: so many that it takes some seconds. */
final class WindowSize {
    /**
     * Keeps the step small that may be lost; and headers that stores read to list two windows are
     * still in their memory when these are copied.
     */
    static final int PAGES_MAX = 4096;

    /** Whatever else moves: what is known of a window's blocks takes memory for each movement. */
    static final int PAGES_MAX_AMONG_MANY = 1024;

    /** A window that takes less spends too much of it on being listed and decided; */
    private static final long TOOK_NS_MIN = 4_000_000_000L;

    /** and all of it is lost when its owner ends. */
    private static final long TOOK_NS_MAX = 15_000_000_000L;

    private static final int GROWTH_MAX = 8;

    private int pages;

    WindowSize(int pagesFirst) {
        pages = pagesFirst;
    }

    int pages() {
        return pages;
    }

    /**
     * Hosts write to a window of so many pages faster than it is copied, or it had to begin anew.
     * An empty one may have had far more of them than others.
     */
    void halve(long ofPages) {
        pages = (int) Math.max(1, Math.min(pages, ofPages / 2));
    }

    /**
     * A window that was not empty took so long until it could be locked.
     *
     * @param pagesMax of the next ones, as others move too
     */
    void fit(long tookNs, int pagesMax) {
        if (tookNs < TOOK_NS_MIN) {
            boolean small = tookNs < TOOK_NS_MAX / GROWTH_MAX;
            pages = (small ? GROWTH_MAX : 2) * pages;
        } else if (tookNs > TOOK_NS_MAX) {
            pages = Math.max(pages / 2, 1);
        }
        pages = Math.min(pages, pagesMax);
    }
}
