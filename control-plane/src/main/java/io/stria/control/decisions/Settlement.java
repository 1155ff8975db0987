package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What follows from every change: states, marks and movements that depend on other entries. */
final class Settlement {
    private Settlement() {}

    static void settle(Draft draft) {
        devicesFollowTheirNodes(draft);
        volumesFollowTheList(draft);
        unusedSlotsAreNotBehind(draft);
        absentSlotsAreBehind(draft);
        caughtUpDevicesAreOnline(draft);
        emptyDevicesAreRemoved(draft);
        pathsFollowTheDevices(draft);
    }

    private static void devicesFollowTheirNodes(Draft draft) {
        for (DeviceSlot slot : List.copyOf(draft.slots)) {
            if (present(slot) && !draft.online(slot.nodeId())) {
                draft.setState(slot, DeviceState.UNAVAILABLE);
            }
        }
    }

    /** One movement after the other: so a page is in one of two places, never of three. */
    private static void volumesFollowTheList(Draft draft) {
        SlotList wanted = SlotList.wanted(draft.slots);
        BehindRule rule = new BehindRule(draft);
        for (VolumeEntry volume : List.copyOf(draft.volumes.values())) {
            if (volume.state() == VolumeState.ONLINE && !volume.placing().isMoving()) {
                VolumeEntry moving =
                        volume.withPlacing(volume.placing().towards(wanted, draft.epoch()));
                // A chunk is left out of a step when its slot is behind: not more than can be lost.
                if (rule.holds(moving)) {
                    draft.volumes.put(volume.vuid(), moving);
                }
            }
        }
    }

    /** Nor is any slot for a volume that is being deleted: nobody will catch it up. */
    private static void unusedSlotsAreNotBehind(Draft draft) {
        for (VolumeEntry volume : List.copyOf(draft.volumes.values())) {
            SortedMap<Integer, Long> behind = new TreeMap<>(volume.behind());
            boolean isServed = volume.state() == VolumeState.ONLINE;
            if (behind.keySet().removeIf(slot -> !isServed || !volume.placing().uses(slot))) {
                draft.volumes.put(volume.vuid(), volume.withBehind(behind));
            }
        }
    }

    private static void absentSlotsAreBehind(Draft draft) {
        BehindRule rule = new BehindRule(draft);
        for (VolumeEntry served : draft.served()) {
            for (DeviceSlot slot : draft.slots) {
                VolumeEntry volume = draft.volumes.get(served.vuid());
                if (absent(draft, slot)
                        && volume != null
                        && volume.placing().uses(slot.slot())
                        && !volume.behind().containsKey(slot.slot())
                        && rule.allows(volume, slot.slot())) {
                    draft.mark(volume, slot.slot());
                }
            }
        }
    }

    private static void caughtUpDevicesAreOnline(Draft draft) {
        for (DeviceSlot slot : List.copyOf(draft.slots)) {
            if (present(slot)) {
                boolean listed =
                        draft.volumes.values().stream()
                                .anyMatch(volume -> volume.behind().containsKey(slot.slot()));
                draft.setState(slot, listed ? DeviceState.SYNCING : DeviceState.ONLINE);
            }
        }
    }

    private static void emptyDevicesAreRemoved(Draft draft) {
        for (DeviceSlot slot : List.copyOf(draft.slots)) {
            boolean leaving =
                    slot.state() == DeviceState.FAILED || slot.state() == DeviceState.DRAINING;
            if (leaving && !draft.isUsed(slot.slot())) {
                draft.setState(slot, DeviceState.REMOVED);
            }
        }
    }

    private static void pathsFollowTheDevices(Draft draft) {
        PathPlan plan = new PathPlan(draft);
        for (VolumeEntry volume : draft.served()) {
            draft.volumes.put(volume.vuid(), plan.renewed(volume));
        }
    }

    static boolean present(DeviceSlot slot) {
        return slot.state() == DeviceState.ONLINE || slot.state() == DeviceState.SYNCING;
    }

    /** Does not take writes at its own place. */
    static boolean absent(Draft draft, DeviceSlot slot) {
        return switch (slot.state()) {
            case UNAVAILABLE, FAILED, REMOVED -> true;
            case ONLINE, SYNCING -> false;
            case DRAINING -> !draft.online(slot.nodeId());
        };
    }
}
