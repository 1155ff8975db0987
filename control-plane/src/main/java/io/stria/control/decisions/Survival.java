package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What may be lost from now on without losing a volume's data or its service: any so many nodes, or
 * any so many devices, whichever they are. What is away already counts.
 */
public record Survival(int nodes, int devices) {
    /**
     * @param voting nodes whose voters are known to take part in decisions: one that has failed is
     *     as good as away, though its node serves
     */
    public static Survival of(ClusterMap map, VolumeEntry volume, Set<Integer> voting) {
        BehindRule rule = new BehindRule(map.nodes(), map.slots());
        int chunks = Math.max(0, BehindRule.LOSSES_MAX - worstLoss(rule, map, volume));
        int nodes = Math.min(chunks / rule.perNode(volume), votersToSpare(map, voting));
        return new Survival(Math.min(nodes, pathsToSpare(map, volume)), chunks);
    }

    /** Hosts need one. */
    private static int pathsToSpare(ClusterMap map, VolumeEntry volume) {
        return Math.max(0, onlinePaths(map, volume) - 1);
    }

    static int onlinePaths(ClusterMap map, VolumeEntry volume) {
        return (int)
                volume.paths().stream()
                        .flatMap(id -> map.node(id).stream())
                        .filter(path -> path.state() == NodeState.ONLINE)
                        .count();
    }

    /** The most chunks of one page of the volume that may be away or behind now. */
    static int worstLoss(ClusterMap map, VolumeEntry volume) {
        return worstLoss(new BehindRule(map.nodes(), map.slots()), map, volume);
    }

    static int worstLoss(BehindRule rule, ClusterMap map, VolumeEntry volume) {
        Set<Integer> lost = new HashSet<>(volume.behind().keySet());
        for (DeviceSlot slot : map.slots()) {
            if (!isWhole(map, slot) && volume.placing().uses(slot.slot())) {
                lost.add(slot.slot());
            }
        }
        return rule.worstLoss(volume, lost);
    }

    /**
     * Volumes of which some pages may have more chunks away or behind than can be done without: IO
     * of such blocks waits. Where a volume has few more slots than chunks they certainly have.
     */
    public static List<VolumeEntry> whoseBlocksMayWait(ClusterMap map) {
        BehindRule rule = new BehindRule(map.nodes(), map.slots());
        return map.volumes().stream().filter(volume -> blocksMayWait(rule, map, volume)).toList();
    }

    /** Whether it is one of {@link #whoseBlocksMayWait}. */
    public static boolean blocksMayWait(ClusterMap map, VolumeEntry volume) {
        return blocksMayWait(new BehindRule(map.nodes(), map.slots()), map, volume);
    }

    private static boolean blocksMayWait(BehindRule rule, ClusterMap map, VolumeEntry volume) {
        return volume.state() == VolumeState.ONLINE
                && worstLoss(rule, map, volume) > BehindRule.LOSSES_MAX;
    }

    /** Such a device holds all that it should. */
    private static boolean isWhole(ClusterMap map, DeviceSlot slot) {
        return switch (slot.state()) {
            case ONLINE, REMOVED -> true;
            case DRAINING -> map.nodeOf(slot).state() == NodeState.ONLINE;
            case UNAVAILABLE, SYNCING, FAILED -> false;
        };
    }

    static boolean hasMajority(ClusterMap map, Set<Integer> voting) {
        return workingVoters(map, voting) >= majority(map);
    }

    /** Without a majority of voters nobody may serve, whatever data is there. */
    private static int votersToSpare(ClusterMap map, Set<Integer> voting) {
        return Math.max(0, workingVoters(map, voting) - majority(map));
    }

    /** Of {@link #voters}, those on nodes that count as alive which are known to take part. */
    public static int workingVoters(ClusterMap map, Set<Integer> voting) {
        return (int)
                map.nodes().stream()
                        .filter(node -> node.voter() && node.state() == NodeState.ONLINE)
                        .filter(node -> voting.contains(node.id()))
                        .count();
    }

    /** All that there should be. */
    public static int voters(ClusterMap map) {
        return (int) map.nodes().stream().filter(NodeEntry::voter).count();
    }

    private static int majority(ClusterMap map) {
        return voters(map) / 2 + 1;
    }
}
