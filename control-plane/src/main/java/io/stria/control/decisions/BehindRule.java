package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which slots may be marked behind. A mark gives up a location's vote, so no page may ever have
 * more marks than it can lose: a slot is not marked when some page could then have more than two
 * chunks behind. Without the mark nothing can be acknowledged that misses the slot, so blocks on it
 * wait for its return, and nothing is lost when more nodes stop than the cluster can do without.
 */
final class BehindRule {
    /** Chunks of one page that may be lost. */
    static final int LOSSES_MAX = Scheme.PARITY_FRAGMENTS;

    private final List<DeviceSlot> slots;
    private final ChunkCaps listed;
    private final ChunkCaps staying;

    BehindRule(Draft draft) {
        this(draft.nodes.values(), draft.slots);
    }

    BehindRule(Collection<NodeEntry> nodes, List<DeviceSlot> all) {
        slots = List.copyOf(all);
        // Placement takes its caps from the listed slots, tombstones included; without these more
        // chunks can come together.
        listed = new ChunkCaps(nodes, slots);
        staying =
                new ChunkCaps(
                        nodes,
                        slots.stream()
                                .filter(slot -> slot.state() != DeviceState.REMOVED)
                                .toList());
    }

    /** Whether the volume may have this slot behind too; true for one that already is. */
    boolean allows(VolumeEntry volume, int slot) {
        if (volume.behind().containsKey(slot)) {
            return true;
        }
        Set<Integer> behind = new HashSet<>(volume.behind().keySet());
        behind.add(slot);
        return worstLoss(volume.scheme(), behind) <= LOSSES_MAX;
    }

    /** The most chunks of one page that can stand on one node. */
    int perNode(Scheme scheme) {
        int chunks = scheme.fragments();
        return Math.max(listed.perNode(chunks), staying.perNode(chunks));
    }

    /** The most chunks of one page that can stand on these slots. */
    int worstLoss(Scheme scheme, Set<Integer> behind) {
        Map<Integer, Integer> perNode = new HashMap<>();
        behind.forEach(slot -> perNode.merge(slots.get(slot).nodeId(), 1, Integer::sum));
        int cap = perNode(scheme);
        return perNode.values().stream().mapToInt(count -> Math.min(cap, count)).sum();
    }
}
