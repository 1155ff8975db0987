package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a node may be stopped: only if every volume then goes on serving all of its data.
 *
 * @param reason why, or why not, in a sentence
 * @param volumes each with what it could still lose while the node is away
 */
public record StopCheck(int node, boolean ok, String reason, List<Volume> volumes) {
    public StopCheck {
        volumes = List.copyOf(volumes);
    }

    /**
     * @param problem why it would not go on; null if it would
     * @param survives what it could still lose meanwhile
     */
    public record Volume(String name, @Nullable String problem, Survival survives) {}

    /**
     * @param node one of the map
     * @param away nodes that are not heard, whatever the map says of them yet
     * @param voting as in {@link Survival#of}
     */
    public static StopCheck of(ClusterMap map, int node, Set<Integer> away, Set<Integer> voting) {
        Set<Integer> all = new HashSet<>(away);
        all.add(node);
        ClusterMap without = without(map, all);
        List<Volume> volumes =
                map.volumes().stream()
                        .filter(volume -> volume.state() == VolumeState.ONLINE)
                        .map(volume -> volume(without, volume, voting))
                        .toList();
        List<String> problems = new ArrayList<>();
        if (!Survival.hasMajority(without, voting)) {
            problems.add(
                    "too few voters would be left to decide anything" + notVoting(without, voting));
        }
        volumes.forEach(volume -> {
            if (volume.problem() != null) {
                problems.add("volume " + volume.name() + " " + volume.problem());
            }
        });
        return problems.isEmpty()
                ? new StopCheck(node, true, reserve(node, volumes), volumes)
                : new StopCheck(node, false, String.join("; ", problems), volumes);
    }

    /** Who reads the reason sees these nodes online. */
    private static String notVoting(ClusterMap without, Set<Integer> voting) {
        List<Integer> nodes =
                without.nodes().stream()
                        .filter(node -> node.voter() && node.state() == NodeState.ONLINE)
                        .map(NodeEntry::id)
                        .filter(id -> !voting.contains(id))
                        .toList();
        return nodes.isEmpty()
                ? ""
                : ", since those of nodes " + nodes + " are not known to take part";
    }

    private static ClusterMap without(ClusterMap map, Set<Integer> away) {
        List<NodeEntry> nodes =
                map.nodes().stream()
                        .map(entry ->
                                away.contains(entry.id())
                                        ? entry.withState(NodeState.OFFLINE, entry.incarnation())
                                        : entry)
                        .toList();
        List<DeviceSlot> slots =
                map.slots().stream()
                        .map(slot -> away.contains(slot.nodeId()) ? away(slot) : slot)
                        .toList();
        return map.next(nodes, slots, map.volumes());
    }

    private static DeviceSlot away(DeviceSlot slot) {
        return switch (slot.state()) {
            case ONLINE, SYNCING, DRAINING -> slot.withState(DeviceState.UNAVAILABLE);
            case UNAVAILABLE, FAILED, REMOVED -> slot;
        };
    }

    private static Volume volume(ClusterMap without, VolumeEntry volume, Set<Integer> voting) {
        Survival survives = Survival.of(without, volume, voting);
        return new Volume(volume.name(), problem(without, volume), survives);
    }

    private static @Nullable String problem(ClusterMap without, VolumeEntry volume) {
        if (Survival.worstLoss(without, volume) > BehindRule.LOSSES_MAX) {
            return "could have more than %d chunks of a page away, whose blocks would wait"
                    .formatted(BehindRule.LOSSES_MAX);
        }
        // Another node may take a path's place then, but hosts are not connected to it.
        return Survival.onlinePaths(without, volume) > 0
                ? null
                : "has no other path that is online";
    }

    private static String reserve(int node, List<Volume> volumes) {
        int nodes = 2;
        int devices = 2;
        for (Volume volume : volumes) {
            nodes = Math.min(nodes, volume.survives().nodes());
            devices = Math.min(devices, volume.survives().devices());
        }
        if (volumes.isEmpty()) {
            return "there are no volumes, and a majority of voters stays";
        }
        return "all volumes stay available without node %d, and %s"
                .formatted(
                        node,
                        devices == 0
                                ? "nothing more may be lost meanwhile"
                                : "may then lose %d more device%s, or %d node%s"
                                        .formatted(
                                                devices,
                                                devices == 1 ? "" : "s",
                                                nodes,
                                                nodes == 1 ? "" : "s"));
    }
}
