package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentStore;
import java.util.List;

/** How one owner reaches the devices of the slots in the map; the list may become longer. */
public interface SlotStores {
    int slots();

    /** Asked once for each slot. */
    FragmentStore store(int slot);

    /** Whether the slot's device is lost for good: whatever it says is ignored. */
    boolean isLost(int slot);

    /** Stores by slot, none of them lost. */
    static SlotStores of(List<? extends FragmentStore> stores) {
        return new SlotStores() {
            @Override
            public int slots() {
                return stores.size();
            }

            @Override
            public FragmentStore store(int slot) {
                return stores.get(slot);
            }

            @Override
            public boolean isLost(int slot) {
                return false;
            }
        };
    }
}
