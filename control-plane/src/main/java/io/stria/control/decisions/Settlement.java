package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What follows from every change: states, marks and movements that depend on other entries. */
final class Settlement {
    private Settlement() {}

    static void settle(Draft draft) {
        devicesFollowTheirNodes(draft);
        absentSlotsAreBehind(draft);
        volumesFollowTheList(draft);
        unusedSlotsAreNotBehind(draft);
        absentSlotsAreBehind(draft); // of those that a volume uses only now, too
        movementsAreHeld(draft);
        caughtUpDevicesAreOnline(draft);
        emptyDevicesAreRemoved(draft);
        pathsFollowTheDevices(draft);
        ownersFollowTheirMovements(draft);
    }

    private static void devicesFollowTheirNodes(Draft draft) {
        for (DeviceSlot slot : List.copyOf(draft.slots)) {
            if (present(slot) && !draft.online(slot.nodeId())) {
                draft.setState(slot, DeviceState.UNAVAILABLE);
            }
        }
    }

    /**
     * One movement after the other: so a page is in one of two places, never of three. One that has
     * moved nothing, and may not, goes to the list as it is now, if it may go there.
     */
    private static void volumesFollowTheList(Draft draft) {
        SlotList wanted = SlotList.wanted(draft.slots);
        BehindRule rule = new BehindRule(draft);
        for (VolumeEntry volume : draft.served()) {
            Placing placing = volume.placing();
            if (!rule.mayMoveTo(wanted, volume)) {
                continue;
            }
            if (!placing.isMoving()) {
                draft.volumes.put(
                        volume.vuid(), volume.withPlacing(placing.towards(wanted, draft.epoch())));
            } else if (!placing.hasMovedPages() && !rule.mayMoveTo(placing.to(), volume)) {
                draft.volumes.put(
                        volume.vuid(),
                        volume.withPlacing(placing.insteadTowards(wanted, draft.epoch())));
            }
        }
    }

    /**
     * Until a page has moved, marks do not look at where it moves to: so it waits until it is safe
     * there. The marks stay, so it does not begin again before.
     */
    private static void movementsAreHeld(Draft draft) {
        BehindRule rule = new BehindRule(draft);
        for (VolumeEntry volume : draft.served()) {
            Placing placing = volume.placing();
            if (placing.isMoving() && !placing.hasMovedPages()) {
                boolean isToBe = !rule.mayMoveTo(placing.to(), volume);
                draft.volumes.put(
                        volume.vuid(), volume.withPlacing(placing.held(isToBe, draft.epoch())));
            }
        }
    }

    /**
     * What an owner has copied, and is copying, for a movement that goes elsewhere now is fenced by
     * a new start.
     */
    private static void ownersFollowTheirMovements(Draft draft) {
        for (VolumeEntry volume : draft.served()) {
            draft.base
                    .map()
                    .volume(volume.vuid())
                    .filter(before -> before.epoch() == volume.epoch())
                    .filter(before -> goesElsewhere(before.placing(), volume.placing()))
                    .ifPresent(before -> draft.startOwner(volume, volume.owner()));
        }
    }

    private static boolean goesElsewhere(Placing before, Placing now) {
        return before.isMoving()
                && before.from().equals(now.from())
                && !before.to().equals(now.to());
    }

    /** Nor is any slot for a volume that is being deleted: nobody will catch it up. */
    private static void unusedSlotsAreNotBehind(Draft draft) {
        for (VolumeEntry volume : List.copyOf(draft.volumes.values())) {
            boolean isServed = volume.state() == VolumeState.ONLINE;
            Predicate<Integer> unused = slot -> !isServed || !volume.placing().uses(slot);
            if (volume.behind().keySet().stream().anyMatch(unused)) {
                SortedMap<Integer, Long> behind = new TreeMap<>(volume.behind());
                behind.keySet().removeIf(unused);
                draft.volumes.put(volume.vuid(), volume.withBehind(behind));
            }
        }
    }

    private static void absentSlotsAreBehind(Draft draft) {
        List<Integer> absent =
                draft.slots.stream()
                        .filter(slot -> absent(draft, slot))
                        .map(DeviceSlot::slot)
                        .toList();
        BehindRule rule = new BehindRule(draft);
        for (VolumeEntry volume : draft.served()) {
            List<Integer> marked = rule.allowed(volume, BehindRule.missing(volume, absent));
            if (!marked.isEmpty()) {
                draft.mark(volume, marked);
            }
        }
    }

    private static void caughtUpDevicesAreOnline(Draft draft) {
        Set<Integer> behind = new HashSet<>();
        draft.volumes.values().forEach(volume -> behind.addAll(volume.behind().keySet()));
        for (DeviceSlot slot : List.copyOf(draft.slots)) {
            if (present(slot)) {
                boolean listed = behind.contains(slot.slot());
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
