package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * A cluster of the study: so many zones of so many racks of so many nodes of so many devices; one
 * zone, or one rack a zone, is as good as none. Slots are numbered device by device through the
 * nodes.
 *
 * @param weights given to the slots in turn
 */
record StudyCluster(
        String name, int zones, int racksEach, int nodesEach, int devicesEach, long... weights) {
    static StudyCluster flat(int nodes, int devicesEach, long... weights) {
        String name =
                "%d x %d%s".formatted(nodes, devicesEach, weights.length > 1 ? ", mixed" : "");
        return new StudyCluster(name, 1, 1, nodes, devicesEach, weights);
    }

    static StudyCluster nested(
            int zones, int racksEach, int nodesEach, int devicesEach, long... weights) {
        String name =
                "%s%d racks x %d x %d%s"
                        .formatted(
                                zones > 1 ? zones + " zones x " : "",
                                racksEach,
                                nodesEach,
                                devicesEach,
                                weights.length > 1 ? ", mixed" : "");
        return new StudyCluster(name, zones, racksEach, nodesEach, devicesEach, weights);
    }

    int nodes() {
        return zones * racksEach * nodesEach;
    }

    int devices() {
        return nodes() * devicesEach;
    }

    ClusterMap map() {
        List<NodeEntry> entries = new ArrayList<>();
        for (int node = 0; node < nodes(); node++) {
            int rack = node / nodesEach;
            entries.add(node(node + 1, rack / racksEach, rack));
        }
        List<DeviceSlot> slots = new ArrayList<>();
        for (int slot = 0; slot < devices(); slot++) {
            slots.add(slot(slot, slot / devicesEach + 1, weights[slot % weights.length]));
        }
        return Clusters.empty().withNodes(entries).withSlots(slots);
    }

    private static NodeEntry node(int id, int zone, int rack) {
        return Clusters.node(id, "z" + zone, "r" + rack);
    }

    private static DeviceSlot slot(int slot, int node, long weight) {
        return new DeviceSlot(slot, new UUID(9, slot), node, 0, weight, DeviceState.ONLINE);
    }

    /** One more device in node 1, of the first weight. */
    ClusterMap withDevice(ClusterMap map) {
        return withDevices(map, 1, 1);
    }

    /** One more node in the first rack, with as many devices as the others have. */
    ClusterMap withNode(ClusterMap map) {
        return withNodeIn(map, 0, 0);
    }

    /** So many more nodes, dealt out to the racks. */
    ClusterMap withNodes(ClusterMap map, int count) {
        ClusterMap grown = map;
        for (int node = 0; node < count; node++) {
            int rack = node % (zones * racksEach);
            grown = withNodeIn(grown, rack / racksEach, rack);
        }
        return grown;
    }

    /** One more rack in the first zone. */
    ClusterMap withRack(ClusterMap map) {
        ClusterMap grown = map;
        for (int node = 0; node < nodesEach; node++) {
            grown = withNodeIn(grown, 0, zones * racksEach);
        }
        return grown;
    }

    ClusterMap withZone(ClusterMap map) {
        ClusterMap grown = map;
        for (int node = 0; node < racksEach * nodesEach; node++) {
            grown = withNodeIn(grown, zones, zones * racksEach + node / nodesEach);
        }
        return grown;
    }

    private ClusterMap withNodeIn(ClusterMap map, int zone, int rack) {
        int id = map.nodes().size() + 1;
        return withDevices(map.withNode(node(id, zone, rack)), id, devicesEach);
    }

    private ClusterMap withDevices(ClusterMap map, int node, int count) {
        List<DeviceSlot> slots = new ArrayList<>(map.slots());
        for (int device = 0; device < count; device++) {
            slots.add(slot(slots.size(), node, weights[device % weights.length]));
        }
        return map.withSlots(slots);
    }

    boolean inFirstRack(DeviceSlot slot) {
        return slot.slot() < nodesEach * devicesEach;
    }

    boolean inLastRack(DeviceSlot slot) {
        return slot.slot() >= devices() - nodesEach * devicesEach;
    }

    static ClusterMap removed(ClusterMap map, Predicate<DeviceSlot> which) {
        return map.withSlots(
                map.slots().stream()
                        .map(slot -> which.test(slot) ? slot.withState(DeviceState.REMOVED) : slot)
                        .toList());
    }

    static ClusterMap weighed(ClusterMap map, ToLongFunction<DeviceSlot> weight) {
        return map.withSlots(
                map.slots().stream()
                        .map(slot ->
                                new DeviceSlot(
                                        slot.slot(),
                                        slot.deviceId(),
                                        slot.nodeId(),
                                        slot.sizeBytes(),
                                        weight.applyAsLong(slot),
                                        slot.state()))
                        .toList());
    }
}
