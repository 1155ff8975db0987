package io.stria.placement;

import io.stria.clustermap.Scheme;
import java.util.Arrays;

/**
 * Where one volume's pages lie by one placement, remembered, since each operation asks twice and
 * hosts come back. Owned by the thread that owns the volume. Bounded: a page has one place in it,
 * by its low bits, so that neighbours do not push each other out, and a newer page with the same
 * place takes it. Lookups allocate nothing.
 */
public final class PlacementCache {
    private static final long NO_PAGE = -1;

    private final int vuid;
    private final Scheme scheme;
    private final int chunks;
    private final Placement placement;
    private final long[] pages;
    private final int[] primary;

    /**
     * @param entries pages to remember, a power of two; each takes 8 + 4 * (n+2) bytes
     */
    public PlacementCache(int vuid, Scheme scheme, int entries, Placement placement) {
        if (Integer.bitCount(entries) != 1) {
            throw new IllegalArgumentException(
                    "entries are " + entries + ": must be a power of two");
        }
        this.vuid = vuid;
        this.scheme = scheme;
        this.chunks = scheme.fragments();
        this.placement = placement;
        this.pages = new long[entries];
        this.primary = new int[entries * chunks];
        Arrays.fill(pages, NO_PAGE);
    }

    /** As {@link Placement#primary}, without its count. */
    public void primary(long page, int[] slotsOut) {
        int entry = (int) page & pages.length - 1;
        if (pages[entry] == page) {
            System.arraycopy(primary, entry * chunks, slotsOut, 0, chunks);
        } else {
            placement.primary(vuid, page, scheme, slotsOut); // may throw: nothing is remembered
            System.arraycopy(slotsOut, 0, primary, entry * chunks, chunks);
            pages[entry] = page;
        }
    }
}
