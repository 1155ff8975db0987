package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.NodeEntry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * How many chunks of one page can stand on one node: the smallest number with which all chunks find
 * a device, after zones and racks have been held to the smallest number that they can be held to.
 */
final class ChunkCaps {
    private final Map<String, Map<String, Map<Integer, Integer>>> devices = new HashMap<>();

    /**
     * @param slots all that count, usable now or not
     */
    ChunkCaps(Collection<NodeEntry> nodes, Collection<DeviceSlot> slots) {
        Map<Integer, NodeEntry> byId = new HashMap<>();
        nodes.forEach(node -> byId.put(node.id(), node));
        for (DeviceSlot slot : slots) {
            NodeEntry node = byId.get(slot.nodeId());
            if (node != null) {
                devices.computeIfAbsent(node.zone(), zone -> new HashMap<>())
                        .computeIfAbsent(node.rack(), rack -> new HashMap<>())
                        .merge(node.id(), 1, Integer::sum);
            }
        }
    }

    /** At least 1; {@code fragments} itself when there are too few devices for any cap. */
    int perNode(int fragments) {
        int all = fragments;
        int zone = smallest(fragments, cap -> room(cap, all, all));
        int rack = smallest(fragments, cap -> room(zone, cap, all));
        return smallest(fragments, cap -> room(zone, rack, cap));
    }

    private static int smallest(int fragments, IntUnaryOperator room) {
        int cap = 1;
        while (cap < fragments && room.applyAsInt(cap) < fragments) {
            cap++;
        }
        return cap;
    }

    /** Chunks that find a place when no zone, rack and node takes more than this. */
    private int room(int perZone, int perRack, int perNode) {
        int total = 0;
        for (Map<String, Map<Integer, Integer>> zone : devices.values()) {
            int inZone = 0;
            for (Map<Integer, Integer> rack : zone.values()) {
                int inRack = 0;
                for (int count : rack.values()) {
                    inRack += Math.min(perNode, count);
                }
                inZone += Math.min(perRack, inRack);
            }
            total += Math.min(perZone, inZone);
        }
        return total;
    }
}
