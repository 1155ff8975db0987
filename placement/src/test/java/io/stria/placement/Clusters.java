package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;

/** Maps to place on. */
final class Clusters {
    private Clusters() {}

    static ClusterMap empty() {
        return ClusterMap.initial(new UUID(0, 1), 8);
    }

    /** Nodes 1..nodes, each with so many devices of weight 1000, in order. */
    static ClusterMap even(int nodes, int devicesEach) {
        ClusterMap map = empty();
        for (int node = 1; node <= nodes; node++) {
            map = map.withNode(node(node, "", ""));
            for (int device = 0; device < devicesEach; device++) {
                map = add(map, node, 1000);
            }
        }
        return map;
    }

    /** One node for each weight, with one device. */
    static ClusterMap weighing(long... weights) {
        ClusterMap map = empty();
        for (int i = 0; i < weights.length; i++) {
            map = add(map.withNode(node(i + 1, "", "")), i + 1, weights[i]);
        }
        return map;
    }

    /** Nodes in the zones given, one zone name for each node, with so many devices each. */
    static ClusterMap zoned(int devicesEach, String... zones) {
        ClusterMap map = empty();
        for (int i = 0; i < zones.length; i++) {
            map = map.withNode(node(i + 1, zones[i], ""));
            for (int device = 0; device < devicesEach; device++) {
                map = add(map, i + 1, 1000);
            }
        }
        return map;
    }

    static NodeEntry node(int id, String zone, String rack) {
        return new NodeEntry(
                id, "10.0.0.1", 4420, 8080, 9870, zone, rack, false, NodeState.ONLINE, 1);
    }

    static ClusterMap add(ClusterMap map, int node, long weight) {
        int slot = map.slots().size();
        return map.withSlot(
                new DeviceSlot(slot, new UUID(9, slot), node, 0, weight, DeviceState.ONLINE));
    }

    static ClusterMap remove(ClusterMap map, int... slots) {
        for (int slot : slots) {
            map = map.withSlot(map.slot(slot).withState(DeviceState.REMOVED));
        }
        return map;
    }

    static BitSet all(ClusterMap map) {
        BitSet all = new BitSet();
        all.set(0, map.slots().size());
        return all;
    }

    static BitSet without(ClusterMap map, int... away) {
        BitSet usable = all(map);
        for (int slot : away) {
            usable.clear(slot);
        }
        return usable;
    }

    /** All slots but those of the nodes given. */
    static BitSet withoutNodes(ClusterMap map, int... nodes) {
        List<Integer> away = Arrays.stream(nodes).boxed().toList();
        BitSet usable = new BitSet();
        for (DeviceSlot slot : map.slots()) {
            usable.set(slot.slot(), !away.contains(slot.nodeId()));
        }
        return usable;
    }
}
