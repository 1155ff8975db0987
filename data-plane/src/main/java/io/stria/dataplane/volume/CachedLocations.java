package io.stria.dataplane.volume;

import java.util.Arrays;

/**
 * Remembers where the last pages asked for lie, since each operation asks twice and hosts come
 * back. Where a page lies in one list of slots never changes, so nothing is ever forgotten but for
 * room. Owned by one thread.
 */
public final class CachedLocations implements PageLocations {
    /** A power of two. */
    private static final int PAGES = 4096;

    private static final long NONE = -1;

    private final PageLocations source;
    private final int fragments;
    private final long[] pages = new long[PAGES];
    private final int[] slots;

    /**
     * @param fragments slots of each page
     */
    public CachedLocations(PageLocations source, int fragments) {
        this.source = source;
        this.fragments = fragments;
        this.slots = new int[PAGES * fragments];
        Arrays.fill(pages, NONE);
    }

    @Override
    public void locate(long page, int[] into) {
        assert page >= 0 && into.length == fragments;
        int place = (int) page & PAGES - 1;
        if (pages[place] == page) {
            System.arraycopy(slots, place * fragments, into, 0, fragments);
        } else {
            source.locate(page, into);
            System.arraycopy(into, 0, slots, place * fragments, fragments);
            pages[place] = page;
        }
    }
}
