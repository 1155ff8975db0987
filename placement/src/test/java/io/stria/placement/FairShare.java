package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Scheme;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Chunks of an average page that each slot would take if all were loaded alike for their weight, as
 * far as caps let them: the level rises for all until a device has one chunk, or a node, rack or
 * zone as many as it may; those stay, the others rise on.
 */
final class FairShare {
    private final ClusterMap map;
    private final int[][] groupOf;
    private final int[] groups;
    private final int[] caps;
    private final double[] share;
    private final boolean[] full;

    private FairShare(ClusterMap map, Caps caps) {
        int slots = map.slots().size();
        this.map = map;
        this.caps = new int[] {1, caps.node(), caps.rack(), caps.zone()};
        this.groupOf = new int[4][slots];
        this.groups = new int[4];
        this.share = new double[slots];
        this.full = new boolean[slots];
        List<Map<Object, Integer>> ids =
                List.of(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>());
        for (DeviceSlot slot : map.slots()) {
            NodeEntry node = map.nodeOf(slot);
            Object[] domains = {
                slot.slot(), node.id(), node.zone() + "/" + node.rack(), node.zone()
            };
            for (int level = 0; level < 4; level++) {
                Map<Object, Integer> known = ids.get(level);
                groupOf[level][slot.slot()] =
                        known.computeIfAbsent(domains[level], name -> known.size());
                groups[level] = known.size();
            }
            full[slot.slot()] = slot.state() == DeviceState.REMOVED;
        }
    }

    static double[] of(ClusterMap map, Scheme scheme) {
        FairShare shares = new FairShare(map, Placement.of(map).caps(scheme));
        shares.fill(scheme.fragments());
        return shares.share;
    }

    private void fill(int chunks) {
        while (true) {
            double left = chunks;
            double weight = 0;
            for (DeviceSlot slot : map.slots()) {
                left -= full[slot.slot()] ? share[slot.slot()] : 0;
                weight += full[slot.slot()] ? 0 : slot.weight();
            }
            if (weight == 0) {
                return;
            }
            double end = left / weight;
            double level = end;
            double[][] highest = new double[4][];
            for (int k = 0; k < 4; k++) {
                highest[k] = highest(k);
                for (double limit : highest[k]) {
                    level = Math.min(level, limit);
                }
            }
            for (DeviceSlot slot : map.slots()) {
                int at = slot.slot();
                if (!full[at]) {
                    share[at] = level * slot.weight();
                    for (int k = 0; k < 4; k++) {
                        full[at] |= highest[k][groupOf[k][at]] <= level * (1 + 1e-9);
                    }
                }
            }
            if (level == end) {
                return;
            }
        }
    }

    /** The level at which each domain is full; infinite where it can rise no more. */
    private double[] highest(int k) {
        double[] taken = new double[groups[k]];
        double[] rising = new double[groups[k]];
        for (DeviceSlot slot : map.slots()) {
            int group = groupOf[k][slot.slot()];
            if (full[slot.slot()]) {
                taken[group] += share[slot.slot()];
            } else {
                rising[group] += slot.weight();
            }
        }
        double[] level = new double[groups[k]];
        for (int group = 0; group < level.length; group++) {
            level[group] =
                    rising[group] == 0
                            ? Double.POSITIVE_INFINITY
                            : (caps[k] - taken[group]) / rising[group];
        }
        return level;
    }
}
