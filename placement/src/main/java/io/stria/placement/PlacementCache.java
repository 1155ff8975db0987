package io.stria.placement;

import io.stria.clustermap.Scheme;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Placements of one volume's pages, remembered until the cluster map changes them. Owned by the
 * thread that owns the volume. Bounded: a page has one place in it, and a newer page with the same
 * place takes it. Lookups allocate nothing.
 */
public final class PlacementCache {
    private static final long NO_PAGE = -1;

    private final int vuid;
    private final Scheme scheme;
    private final int chunks;
    private final long[] pages;
    private final int[] primary;
    private final int[] current;
    private final int[] scratch;

    private Placement placement;
    private BitSet usable;

    /**
     * @param entries pages to remember, a power of two; each takes 8 + 8 * (n+2) bytes
     * @param usable slots that take writes now; copied
     */
    public PlacementCache(
            int vuid, Scheme scheme, int entries, Placement placement, BitSet usable) {
        if (Integer.bitCount(entries) != 1) {
            throw new IllegalArgumentException(
                    "entries are " + entries + ": must be a power of two");
        }
        this.vuid = vuid;
        this.scheme = scheme;
        this.chunks = scheme.fragments();
        this.pages = new long[entries];
        this.primary = new int[entries * chunks];
        this.current = new int[entries * chunks];
        this.scratch = new int[chunks];
        this.placement = placement;
        this.usable = (BitSet) usable.clone();
        Arrays.fill(pages, NO_PAGE);
    }

    /** A new epoch. Forgets all pages, unless it places them as the last one did. */
    public void onMap(Placement newPlacement, BitSet newUsable) {
        if (!newPlacement.sameAs(placement) || !newUsable.equals(usable)) {
            Arrays.fill(pages, NO_PAGE);
        }
        placement = newPlacement;
        usable = (BitSet) newUsable.clone();
    }

    /** As {@link Placement#primary}, without its count. */
    public void primary(long page, int[] slotsOut) {
        System.arraycopy(primary, entry(page) * chunks, slotsOut, 0, chunks);
    }

    /** As {@link Placement#current}, without its count. */
    public void current(long page, int[] slotsOut) {
        System.arraycopy(current, entry(page) * chunks, slotsOut, 0, chunks);
    }

    private int entry(long page) {
        int entry = (int) DrawHash.step(page, 0) & pages.length - 1;
        if (pages[entry] != page) {
            // Not this page's until both are there: placing may throw.
            pages[entry] = NO_PAGE;
            placement.primary(vuid, page, scheme, scratch);
            System.arraycopy(scratch, 0, primary, entry * chunks, chunks);
            placement.current(vuid, page, scheme, scratch, usable, scratch);
            System.arraycopy(scratch, 0, current, entry * chunks, chunks);
            pages[entry] = page;
        }
        return entry;
    }
}
