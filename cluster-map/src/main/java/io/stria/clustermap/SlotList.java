package io.stria.clustermap;

import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Slots that placement draws from: the first ones of the map's list, of which some are tombstones.
 * The list of a map only grows at its end, and neither weights nor nodes of slots change: so this
 * says all that placement depends on.
 *
 * @param slots length of the list
 * @param removed tombstones: they keep their slot and weight, and hold no chunk
 */
public record SlotList(int slots, SortedSet<Integer> removed) {
    public SlotList {
        Checks.range("length of a list of slots", slots, 0, DeviceSlot.SLOTS_MAX);
        removed = Collections.unmodifiableSortedSet(new TreeSet<>(removed));
        if (!removed.isEmpty() && (removed.first() < 0 || removed.last() >= slots)) {
            throw new IllegalArgumentException(
                    "of a list of %d slots %s cannot be removed".formatted(slots, removed));
        }
    }

    /** All of them but those whose device was removed. */
    public static SlotList of(List<DeviceSlot> slots) {
        SortedSet<Integer> removed = new TreeSet<>();
        for (DeviceSlot slot : slots) {
            if (slot.state() == DeviceState.REMOVED) {
                removed.add(slot.slot());
            }
        }
        return new SlotList(slots.size(), removed);
    }

    /**
     * Where all chunks should be in the end: not on devices that are lost for good or are to be
     * emptied.
     */
    public static SlotList wanted(List<DeviceSlot> slots) {
        SortedSet<Integer> removed = new TreeSet<>();
        for (DeviceSlot slot : slots) {
            switch (slot.state()) {
                case FAILED, DRAINING, REMOVED -> removed.add(slot.slot());
                case ONLINE, UNAVAILABLE, SYNCING -> {}
            }
        }
        return new SlotList(slots.size(), removed);
    }

    /** Whether the slot may hold chunks. */
    public boolean contains(int slot) {
        return slot >= 0 && slot < slots && !removed.contains(slot);
    }
}
