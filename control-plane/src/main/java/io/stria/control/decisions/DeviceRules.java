package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.control.decisions.Result.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Devices and their slots. */
final class DeviceRules {
    private static final String WAITS =
            "the cluster holds volumes, whose chunks move when a device is added: it waits until it"
                    + " is told to be added, or to replace another one";

    private DeviceRules() {}

    /** A node has started with these devices: no more and no fewer. */
    static void registered(Draft draft, int nodeId, List<DeviceSpec> devices) {
        Map<UUID, DeviceSpec> here =
                devices.stream().collect(Collectors.toMap(DeviceSpec::id, Function.identity()));
        for (DeviceSlot slot : List.copyOf(draft.slots)) {
            boolean away = slot.state() == DeviceState.UNAVAILABLE;
            if (slot.nodeId() == nodeId && (away || Settlement.present(slot))) {
                boolean back = here.containsKey(slot.deviceId());
                draft.setState(slot, back ? DeviceState.ONLINE : DeviceState.UNAVAILABLE);
            }
        }
        draft.unplaced.removeIf(unplaced ->
                unplaced.nodeId() == nodeId || here.containsKey(unplaced.device().id()));
        for (DeviceSpec device : devices) {
            Optional<DeviceSlot> slot = slot(draft, device.id());
            if (slot.isEmpty()) {
                place(draft, nodeId, device);
            } else if (slot.get().nodeId() != nodeId) {
                unplace(
                        draft,
                        nodeId,
                        device,
                        "its slot " + slot.get().slot() + " is on node " + slot.get().nodeId());
            } else if (slot.get().state() == DeviceState.FAILED) {
                unplace(draft, nodeId, device, givenUp(slot.get()));
            }
        }
    }

    static void add(Draft draft, Decision.AddDevice add) {
        NodeRules.online(draft, add.nodeId(), add.incarnation());
        Optional<DeviceSlot> slot = slot(draft, add.device().id());
        if (slot.isPresent()) {
            checkThatItIsNotGivenUp(slot.get());
            if (slot.get().nodeId() == add.nodeId()) {
                throw Refusal.already();
            }
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "the device has slot %d on node %d",
                    slot.get().slot(),
                    slot.get().nodeId());
        }
        draft.unplaced.removeIf(unplaced -> unplaced.device().id().equals(add.device().id()));
        append(draft, add.nodeId(), add.device());
    }

    /** It keeps the slot that it was lost from until that is empty: it is in one at a time. */
    static void checkThatItIsNotGivenUp(DeviceSlot slot) {
        if (slot.state() == DeviceState.FAILED) {
            throw Refusal.of(Outcome.NOT_READY, "%s", givenUp(slot));
        }
    }

    private static String givenUp(DeviceSlot slot) {
        return "the device of slot %d was given up: it can be used again when what it held has been rebuilt on others"
                .formatted(slot.slot());
    }

    static void down(Draft draft, Decision.DeviceDown down) {
        NodeRules.online(draft, down.nodeId(), down.incarnation());
        DeviceSlot slot =
                slot(draft, down.deviceId())
                        .filter(found -> found.nodeId() == down.nodeId())
                        .orElseThrow(() ->
                                Refusal.of(
                                        Outcome.NOT_FOUND,
                                        "node %d has no slot for device %s",
                                        down.nodeId(),
                                        down.deviceId()));
        if (!Settlement.present(slot)) {
            throw Refusal.already();
        }
        draft.setState(slot, DeviceState.UNAVAILABLE);
        draft.volumes.values().stream()
                .filter(volume -> volume.behind().containsKey(slot.slot()))
                .toList()
                .forEach(volume -> draft.mark(volume, slot.slot()));
    }

    private static void place(Draft draft, int nodeId, DeviceSpec device) {
        if (!draft.volumes.isEmpty()) {
            unplace(draft, nodeId, device, WAITS);
        } else {
            append(draft, nodeId, device);
        }
    }

    private static void append(Draft draft, int nodeId, DeviceSpec device) {
        long weight = Math.clamp(device.sizeBytes() >> 30, 1, DeviceSlot.WEIGHT_MAX);
        draft.slots.add(
                new DeviceSlot(
                        draft.slots.size(),
                        device.id(),
                        nodeId,
                        device.sizeBytes(),
                        weight,
                        DeviceState.ONLINE));
    }

    private static void unplace(Draft draft, int nodeId, DeviceSpec device, String reason) {
        draft.unplaced.add(new UnplacedDevice(nodeId, device, reason));
    }

    /** The slot's state as people see it elsewhere. */
    static String word(DeviceSlot slot) {
        return slot.state().name().toLowerCase(Locale.ROOT);
    }

    static Optional<DeviceSlot> slot(Draft draft, UUID deviceId) {
        return draft.slots.stream()
                .filter(slot -> slot.deviceId().equals(deviceId))
                .filter(slot -> slot.state() != DeviceState.REMOVED)
                .findFirst();
    }
}
