package io.stria.clustermap;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/** What must hold between the entries of one map; what one entry can say, it checks itself. */
final class MapConsistency {
    private MapConsistency() {}

    static void check(
            int pageShift,
            List<NodeEntry> nodes,
            List<DeviceSlot> slots,
            List<VolumeEntry> volumes) {
        ascending("nodes", nodes, NodeEntry::id);
        ascending("volumes", volumes, VolumeEntry::vuid);
        for (NodeEntry node : nodes) {
            if (node.voter() && node.state() == NodeState.REMOVED) {
                throw new IllegalArgumentException(
                        "node " + node.id() + " was removed, and is a voter");
            }
        }
        slots(nodes, slots);
        Set<Object> names = new HashSet<>();
        Set<Object> nqns = new HashSet<>();
        Set<Object> ids = new HashSet<>();
        for (VolumeEntry volume : volumes) {
            unique("name", volume.name(), volume, names);
            unique("NQN", volume.nqn(), volume, nqns);
            unique("id", volume.id(), volume, ids);
            volume(pageShift, nodes, slots.size(), volume);
            placing(pageShift, slots.size(), volume);
        }
    }

    private static void slots(List<NodeEntry> nodes, List<DeviceSlot> slots) {
        Set<Object> devices = new HashSet<>();
        for (int position = 0; position < slots.size(); position++) {
            DeviceSlot slot = slots.get(position);
            if (slot.slot() != position) {
                throw new IllegalArgumentException(
                        "slot " + slot.slot() + " stands at position " + position + " of the list");
            }
            if (slot.state() == DeviceState.REMOVED) {
                node("slot " + position, nodes, slot.nodeId());
            } else {
                member("slot " + position, nodes, slot.nodeId());
            }
            // A device that was removed may come back in another slot.
            if (slot.state() != DeviceState.REMOVED && !devices.add(slot.deviceId())) {
                throw new IllegalArgumentException(
                        "device " + slot.deviceId() + " is in two slots, one of them " + position);
            }
        }
    }

    private static void volume(
            int pageShift, List<NodeEntry> nodes, int slotCount, VolumeEntry volume) {
        for (int path : volume.paths()) {
            member("volume " + volume.name(), nodes, path);
        }
        for (int slot : volume.behind().keySet()) {
            if (slot < 0 || slot >= slotCount) {
                throw new IllegalArgumentException(
                        "volume " + volume.name() + " names slot " + slot + ", which is not there");
            }
        }
        long sizeBytesMax = VolumeEntry.sizeBytesMax(volume.scheme(), pageShift);
        if (volume.sizeBytes() > sizeBytesMax) {
            throw new IllegalArgumentException(
                    "volume %s of %d bytes is too large: the %d bits of address a VUID has hold %d with %s"
                            .formatted(
                                    volume.name(),
                                    volume.sizeBytes(),
                                    VolumeEntry.ADDRESS_BITS,
                                    sizeBytesMax,
                                    volume.scheme()));
        }
    }

    private static void placing(int pageShift, int slotCount, VolumeEntry volume) {
        Placing placing = volume.placing();
        int longest = Math.max(placing.from().slots(), placing.to().slots());
        if (longest > slotCount) {
            throw new IllegalArgumentException(
                    "volume %s is placed on %d slots, and there are %d"
                            .formatted(volume.name(), longest, slotCount));
        }
        if (placing.isMoving() && placing.cursor() >= volume.pages(pageShift)) {
            throw new IllegalArgumentException(
                    "volume %s has %d pages, and its cursor is at %d"
                            .formatted(volume.name(), volume.pages(pageShift), placing.cursor()));
        }
    }

    private static NodeEntry node(String who, List<NodeEntry> nodes, int id) {
        int at = ClusterMap.position(nodes, NodeEntry::id, id);
        if (at < 0) {
            throw new IllegalArgumentException(
                    who + " names node " + id + ", which is not in the map");
        }
        return nodes.get(at);
    }

    private static void member(String who, List<NodeEntry> nodes, int id) {
        if (node(who, nodes, id).state() == NodeState.REMOVED) {
            throw new IllegalArgumentException(
                    who + " rests on node " + id + ", which was removed");
        }
    }

    private static void unique(String what, Object key, VolumeEntry volume, Set<Object> seen) {
        if (!seen.add(key)) {
            throw new IllegalArgumentException(
                    "two volumes have the %s of volume %s (VUID %d)"
                            .formatted(what, volume.name(), volume.vuid()));
        }
    }

    private static <T> void ascending(String what, List<T> entries, ToIntFunction<T> key) {
        for (int i = 1; i < entries.size(); i++) {
            int before = key.applyAsInt(entries.get(i - 1));
            int here = key.applyAsInt(entries.get(i));
            if (here <= before) {
                throw new IllegalArgumentException(
                        what + " are not in ascending order: " + here + " follows " + before);
            }
        }
    }
}
