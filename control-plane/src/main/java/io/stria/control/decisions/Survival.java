package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;

/**
 * What may be lost from now on without losing a volume's data or its service: any so many nodes, or
 * any so many devices, whichever they are. What is away already counts.
 */
public record Survival(int nodes, int devices) {
    /** Such a device holds all that it should. */
    private static final Set<DeviceState> WHOLE =
            EnumSet.of(DeviceState.ONLINE, DeviceState.DRAINING, DeviceState.REMOVED);

    public static Survival of(ClusterMap map, VolumeEntry volume) {
        Set<Integer> lost = new HashSet<>(volume.behind().keySet());
        for (DeviceSlot slot : map.slots()) {
            if (!WHOLE.contains(slot.state()) && volume.placing().uses(slot.slot())) {
                lost.add(slot.slot());
            }
        }
        BehindRule rule = new BehindRule(map.nodes(), map.slots());
        int chunks = Math.max(0, BehindRule.LOSSES_MAX - rule.worstLoss(volume, lost));
        int nodes = Math.min(chunks / rule.perNode(volume), votersToSpare(map));
        return new Survival(nodes, chunks);
    }

    /** Without a majority of voters nobody may serve, whatever data is there. */
    private static int votersToSpare(ClusterMap map) {
        long voters = map.nodes().stream().filter(NodeEntry::voter).count();
        long online =
                map.nodes().stream()
                        .filter(node -> node.voter() && node.state() == NodeState.ONLINE)
                        .count();
        return (int) Math.max(0, online - (voters / 2 + 1));
    }
}
