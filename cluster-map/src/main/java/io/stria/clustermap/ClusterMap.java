package io.stria.clustermap;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToIntFunction;

/**
 * Everything all nodes agree on, at one epoch. Immutable; a change is a new map with the next
 * epoch, so every method that changes something returns one.
 *
 * <p>A map that exists is consistent: ids are unique, slots name nodes of the map, and volumes name
 * nodes and slots of the map. Nothing rests on a node that was removed, see {@link #needs}.
 *
 * @param pageShift m: a chunk is 2^m units of 512 bytes; fixed when the cluster is made
 * @param nodes ordered by id
 * @param slots ordered by slot, without holes
 * @param volumes ordered by VUID
 */
public record ClusterMap(
        UUID clusterId,
        long epoch,
        int pageShift,
        List<NodeEntry> nodes,
        List<DeviceSlot> slots,
        List<VolumeEntry> volumes) {
    public static final int PAGE_SHIFT_MIN = 8;
    public static final int PAGE_SHIFT_MAX = 12;

    public ClusterMap {
        Objects.requireNonNull(clusterId, "clusterId");
        Checks.range("epoch", epoch, 0, Long.MAX_VALUE);
        Checks.range("page shift", pageShift, PAGE_SHIFT_MIN, PAGE_SHIFT_MAX);
        nodes = List.copyOf(nodes);
        slots = List.copyOf(slots);
        volumes = placed(volumes, slots);
        MapConsistency.check(pageShift, nodes, slots, volumes);
    }

    private static List<VolumeEntry> placed(List<VolumeEntry> volumes, List<DeviceSlot> slots) {
        List<VolumeEntry> placed = new ArrayList<>(volumes);
        placed.replaceAll(volume ->
                volume.placing().equals(Placing.AS_LISTED)
                        ? volume.withPlacing(Placing.settled(SlotList.of(slots)))
                        : volume);
        return List.copyOf(placed);
    }

    /** Epoch 0 of a new cluster. */
    public static ClusterMap initial(UUID clusterId, int pageShift) {
        return new ClusterMap(clusterId, 0, pageShift, List.of(), List.of(), List.of());
    }

    public Optional<NodeEntry> node(int id) {
        int at = position(nodes, NodeEntry::id, id);
        return at < 0 ? Optional.empty() : Optional.of(nodes.get(at));
    }

    /** Those that have not been removed. */
    public List<NodeEntry> members() {
        return nodes.stream().filter(node -> node.state() != NodeState.REMOVED).toList();
    }

    /** Whether there was such a node, and it is no member any more. */
    public boolean isRemoved(int id) {
        return node(id).filter(node -> node.state() == NodeState.REMOVED).isPresent();
    }

    /** The node that a slot is in; there always is one. */
    public NodeEntry nodeOf(DeviceSlot slot) {
        return node(slot.nodeId()).orElseThrow();
    }

    /**
     * Whether the slot's device is away, and not yet taken for lost, as far as all know. One that
     * is drained keeps that state when its node goes.
     */
    public boolean isAway(DeviceSlot slot) {
        return slot.state() == DeviceState.UNAVAILABLE
                || slot.state() == DeviceState.DRAINING && nodeOf(slot).state() != NodeState.ONLINE;
    }

    /** Whether anything rests on the node: a vote, a device with a slot, or a way to a volume. */
    public boolean needs(NodeEntry node) {
        return node.voter()
                || slots.stream()
                        .anyMatch(slot ->
                                slot.nodeId() == node.id() && slot.state() != DeviceState.REMOVED)
                || volumes.stream()
                        .anyMatch(volume ->
                                volume.owner() == node.id() || volume.paths().contains(node.id()));
    }

    /**
     * @throws IndexOutOfBoundsException if the list is not that long
     */
    public DeviceSlot slot(int slot) {
        return slots.get(slot);
    }

    public Optional<VolumeEntry> volume(int vuid) {
        int at = position(volumes, VolumeEntry::vuid, vuid);
        return at < 0 ? Optional.empty() : Optional.of(volumes.get(at));
    }

    public Optional<VolumeEntry> volumeByName(String name) {
        return volumes.stream().filter(volume -> volume.name().equals(name)).findFirst();
    }

    /** The map of the next epoch; for changes that touch several things at once. */
    public ClusterMap next(
            List<NodeEntry> newNodes, List<DeviceSlot> newSlots, List<VolumeEntry> newVolumes) {
        return new ClusterMap(clusterId, epoch + 1, pageShift, newNodes, newSlots, newVolumes);
    }

    public ClusterMap withNodes(List<NodeEntry> newNodes) {
        return next(newNodes, slots, volumes);
    }

    public ClusterMap withSlots(List<DeviceSlot> newSlots) {
        return next(nodes, newSlots, volumes);
    }

    public ClusterMap withVolumes(List<VolumeEntry> newVolumes) {
        return next(nodes, slots, newVolumes);
    }

    /**
     * This map with no slots but those of the list, and its tombstones as tombstones: what
     * placement draws from. Without volumes.
     */
    public ClusterMap listing(SlotList list) {
        List<DeviceSlot> listed = new ArrayList<>(slots.subList(0, list.slots()));
        listed.replaceAll(slot ->
                slot.withState(
                        list.contains(slot.slot()) ? DeviceState.ONLINE : DeviceState.REMOVED));
        return new ClusterMap(clusterId, epoch, pageShift, nodes, listed, List.of());
    }

    /** Adds the node, or replaces the one with its id. */
    public ClusterMap withNode(NodeEntry node) {
        return withNodes(put(nodes, NodeEntry::id, node));
    }

    /** Adds the slot at the end of the list, or replaces the one with its number. */
    public ClusterMap withSlot(DeviceSlot slot) {
        return withSlots(put(slots, DeviceSlot::slot, slot));
    }

    /** Adds the volume, or replaces the one with its VUID. */
    public ClusterMap withVolume(VolumeEntry volume) {
        return withVolumes(put(volumes, VolumeEntry::vuid, volume));
    }

    public ClusterMap withoutVolume(int vuid) {
        return withVolumes(volumes.stream().filter(volume -> volume.vuid() != vuid).toList());
    }

    static <T> List<T> put(List<T> ordered, ToIntFunction<T> key, T entry) {
        List<T> result = new ArrayList<>(ordered);
        int at = position(ordered, key, key.applyAsInt(entry));
        if (at >= 0) {
            result.set(at, entry);
        } else {
            result.add(-at - 1, entry);
        }
        return result;
    }

    /** Binary search; {@code -insertionPoint - 1} if there is none. */
    static <T> int position(List<T> ordered, ToIntFunction<T> key, int wanted) {
        int low = 0;
        int high = ordered.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int found = key.applyAsInt(ordered.get(middle));
            if (found < wanted) {
                low = middle + 1;
            } else if (found > wanted) {
                high = middle - 1;
            } else {
                return middle;
            }
        }
        return -low - 1;
    }
}
