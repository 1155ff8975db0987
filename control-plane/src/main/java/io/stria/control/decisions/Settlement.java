package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.VolumeEntry;
import java.util.List;

/** What follows from every change: device states and marks that depend on other entries. */
final class Settlement {
    private Settlement() {}

    static void settle(Draft draft) {
        devicesFollowTheirNodes(draft);
        absentSlotsAreBehind(draft);
        caughtUpDevicesAreOnline(draft);
    }

    private static void devicesFollowTheirNodes(Draft draft) {
        for (DeviceSlot slot : List.copyOf(draft.slots)) {
            if (present(slot) && !draft.online(slot.nodeId())) {
                draft.setState(slot, DeviceState.UNAVAILABLE);
            }
        }
    }

    private static void absentSlotsAreBehind(Draft draft) {
        BehindRule rule = new BehindRule(draft);
        for (int vuid : List.copyOf(draft.volumes.keySet())) {
            for (DeviceSlot slot : draft.slots) {
                VolumeEntry volume = draft.volumes.get(vuid);
                if (absent(slot)
                        && volume != null
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

    static boolean present(DeviceSlot slot) {
        return slot.state() == DeviceState.ONLINE || slot.state() == DeviceState.SYNCING;
    }

    /** Does not take writes at its own place. */
    static boolean absent(DeviceSlot slot) {
        return switch (slot.state()) {
            case UNAVAILABLE, FAILED, REMOVED -> true;
            case ONLINE, SYNCING, DRAINING -> false;
        };
    }
}
