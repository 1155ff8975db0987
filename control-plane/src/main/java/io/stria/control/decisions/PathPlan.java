package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;

/**
 * Which nodes present a volume. Live nodes first, and of these such as hold chunks, then those in
 * other zones and racks than the ones already chosen, then those with the least to do; ties go
 * round with the VUID.
 *
 * <p>A node gives way to another one, that is online and holds chunks, when nobody counts on it any
 * more: when all of its devices have been given up or have left. One that is being drained has not
 * left yet, and may be kept after all. Only the owner stays as long as its node is online, since
 * moving it makes hosts wait: it moves when that node goes, as any owner does. So no volume depends
 * for ever on the nodes that it was made with, however many of them go one after the other.
 */
final class PathPlan {
    static final int PATHS_MAX = 3;

    private final SortedMap<Integer, NodeEntry> nodes;

    /** Nodes that chunks are to be on. */
    private final Set<Integer> holders = new HashSet<>();

    /** Those with devices that are drained yet, or are away, too. */
    private final Set<Integer> awaited = new HashSet<>();

    /** All there are; looked at when paths are chosen first. */
    private final Collection<VolumeEntry> volumes;

    /** By position among the paths, then by node: how many volumes it presents there. */
    private final List<Map<Integer, Integer>> load = new ArrayList<>();

    PathPlan(Draft draft) {
        this.nodes = draft.nodes;
        this.volumes = draft.volumes.values();
        SlotList wanted = SlotList.wanted(draft.slots);
        for (DeviceSlot slot : draft.slots) {
            if (wanted.contains(slot.slot())) {
                holders.add(slot.nodeId());
            }
            switch (slot.state()) {
                case ONLINE, SYNCING, UNAVAILABLE, DRAINING -> awaited.add(slot.nodeId());
                case FAILED, REMOVED -> {}
            }
        }
    }

    /** For a new volume; the first one is to be its owner. */
    List<Integer> choose(int vuid) {
        List<Integer> chosen = new ArrayList<>();
        while (chosen.size() < PATHS_MAX) {
            Optional<Integer> next = next(vuid, chosen, this::hasCome);
            if (next.isEmpty()) {
                break;
            }
            chosen.add(next.get());
        }
        return chosen;
    }

    /** The volume with as many paths as before; a new start of its owner if that has to move. */
    VolumeEntry renewed(VolumeEntry volume) {
        List<Integer> paths = new ArrayList<>(volume.paths());
        for (int path : volume.paths()) {
            if (givesWay(volume, path)) {
                List<Integer> others = new ArrayList<>(paths);
                others.remove((Integer) path);
                next(volume.vuid(), others, this::mayTakeOver)
                        .ifPresent(next -> {
                            paths.remove((Integer) path);
                            paths.add(next);
                        });
            }
        }
        if (paths.equals(volume.paths())) {
            return volume;
        }
        count(volume.paths(), -1);
        count(paths, 1);
        if (isOnline(volume.owner())) {
            return volume.withPaths(paths);
        }
        int owner = paths.stream().filter(this::isOnline).findFirst().orElseThrow();
        return volume.withOwner(owner, paths);
    }

    private boolean givesWay(VolumeEntry volume, int path) {
        return !awaited.contains(path) && !(isOnline(path) && volume.owner() == path);
    }

    private boolean hasCome(NodeEntry node) {
        return node.incarnation() != 0 && node.state() != NodeState.REMOVED;
    }

    private boolean mayTakeOver(NodeEntry node) {
        return isOnline(node.id()) && holders.contains(node.id());
    }

    private boolean isOnline(int id) {
        NodeEntry node = nodes.get(id);
        return node != null && node.state() == NodeState.ONLINE;
    }

    private Optional<Integer> next(int vuid, List<Integer> chosen, Predicate<NodeEntry> allowed) {
        return nodes.values().stream()
                .filter(node -> !chosen.contains(node.id()))
                .filter(allowed)
                .min(order(vuid, chosen))
                .map(NodeEntry::id);
    }

    private Comparator<NodeEntry> order(int vuid, List<Integer> chosen) {
        Map<Integer, Integer> busy = load(chosen.size());
        return Comparator.<NodeEntry, Boolean>comparing(node -> !isOnline(node.id()))
                .thenComparing(node -> !holders.contains(node.id()))
                .thenComparing(node -> near(chosen, node))
                .thenComparing(node -> busy.getOrDefault(node.id(), 0))
                .thenComparing(node -> Math.floorMod(node.id() - vuid, nodes.size()))
                .thenComparing(NodeEntry::id);
    }

    /** Two for the same rack as one chosen before, one for the same zone. */
    private int near(List<Integer> chosen, NodeEntry node) {
        int nearest = 0;
        for (int id : chosen) {
            NodeEntry other = nodes.get(id);
            if (other != null && other.zone().equals(node.zone())) {
                nearest = Math.max(nearest, other.rack().equals(node.rack()) ? 2 : 1);
            }
        }
        return nearest;
    }

    /** Volumes that nodes present at this position, the first being their work as owners. */
    private Map<Integer, Integer> load(int position) {
        if (load.isEmpty()) {
            volumes.forEach(volume -> count(volume.paths(), 1));
        }
        return position < load.size() ? load.get(position) : Map.of();
    }

    private void count(List<Integer> paths, int change) {
        for (int i = 0; i < paths.size(); i++) {
            if (i == load.size()) {
                load.add(new HashMap<>());
            }
            load.get(i).merge(paths.get(i), change, Integer::sum);
        }
    }
}
