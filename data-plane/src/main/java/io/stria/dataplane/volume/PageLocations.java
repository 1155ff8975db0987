package io.stria.dataplane.volume;

/** Where the chunks of a page live: placement as the owner uses it. */
public interface PageLocations {
    /** Fills {@code slots[j]} with the slot of chunk j's primary location. Allocation free. */
    void locate(long page, int[] slots);
}
