package io.stria.dataplane.volume;

import io.stria.clustermap.SlotList;

/** Where the chunks of a page live: placement as the owner uses it. */
public interface PageLocations {
    /** Fills {@code slots[j]} with the slot of chunk j's primary location. Allocation free. */
    void locate(long page, int[] slots);

    /** Placement on any list of slots that volumes may be placed on. */
    interface ByList {
        PageLocations on(SlotList list);
    }
}
