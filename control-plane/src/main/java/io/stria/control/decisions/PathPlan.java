package io.stria.control.decisions;

import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.VolumeEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which nodes present a volume. Live nodes first, then those in other zones and racks than the ones
 * already chosen, then those with the least to do; ties go round with the VUID.
 */
final class PathPlan {
    static final int PATHS_MAX = 3;

    private PathPlan() {}

    static List<Integer> choose(Draft draft, int vuid) {
        List<NodeEntry> left = new ArrayList<>(draft.nodes.values());
        left.removeIf(node -> node.incarnation() == 0);
        List<NodeEntry> chosen = new ArrayList<>();
        while (chosen.size() < PATHS_MAX && !left.isEmpty()) {
            NodeEntry next = left.stream().min(order(draft, vuid, chosen)).orElseThrow();
            chosen.add(next);
            left.remove(next);
        }
        return chosen.stream().map(NodeEntry::id).toList();
    }

    private static Comparator<NodeEntry> order(Draft draft, int vuid, List<NodeEntry> chosen) {
        int position = chosen.size();
        int count = draft.nodes.size();
        return Comparator.<NodeEntry, Boolean>comparing(node -> !draft.online(node.id()))
                .thenComparing(node -> near(chosen, node))
                .thenComparing(node -> load(draft, node, position))
                .thenComparing(node -> Math.floorMod(node.id() - vuid, count))
                .thenComparing(NodeEntry::id);
    }

    /** Two for the same rack as one chosen before, one for the same zone. */
    private static int near(List<NodeEntry> chosen, NodeEntry node) {
        int nearest = 0;
        for (NodeEntry other : chosen) {
            if (other.zone().equals(node.zone())) {
                nearest = Math.max(nearest, other.rack().equals(node.rack()) ? 2 : 1);
            }
        }
        return nearest;
    }

    /** Volumes that the node presents at this position, the first being its work as owner. */
    private static long load(Draft draft, NodeEntry node, int position) {
        return draft.volumes.values().stream()
                .map(VolumeEntry::paths)
                .filter(paths -> position < paths.size() && paths.get(position) == node.id())
                .count();
    }
}
