package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import java.util.ArrayList;
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
 *
 * <p>While pages move, each is on one of two lists of slots: the rule holds for either. As long as
 * none has moved, none is on the second list: marks do not look at it, and nothing moves while the
 * slots that are behind there could be too many for a page.
 */
final class BehindRule {
    /** Chunks of one page that may be lost. */
    static final int LOSSES_MAX = Scheme.PARITY_FRAGMENTS;

    private final Collection<NodeEntry> nodes;
    private final List<DeviceSlot> slots;
    private final Map<Listed, Integer> caps = new HashMap<>();

    /** Volumes are many, lists and schemes few. */
    private record Listed(SlotList list, Scheme scheme) {}

    BehindRule(Draft draft) {
        this(draft.nodes.values(), draft.slots);
    }

    BehindRule(Collection<NodeEntry> nodes, List<DeviceSlot> slots) {
        this.nodes = nodes;
        this.slots = List.copyOf(slots);
    }

    /** Whether the volume may have this slot behind too; true for one that already is. */
    boolean allows(VolumeEntry volume, int slot) {
        return volume.behind().containsKey(slot) || !allowed(volume, List.of(slot)).isEmpty();
    }

    /** Those of these slots that the volume may have chunks on, and has not behind yet. */
    static List<Integer> missing(VolumeEntry volume, List<Integer> slots) {
        return slots.stream()
                .filter(volume.placing()::uses)
                .filter(slot -> !volume.behind().containsKey(slot))
                .toList();
    }

    /** Those of these slots, none of them behind, that the volume may have behind as well. */
    List<Integer> allowed(VolumeEntry volume, List<Integer> more) {
        List<Integer> allowed = new ArrayList<>();
        Set<Integer> behind = new HashSet<>(volume.behind().keySet());
        for (int slot : more) {
            behind.add(slot);
            if (worstLoss(volume, behind) <= LOSSES_MAX) {
                allowed.add(slot);
            } else {
                behind.remove(slot);
            }
        }
        return allowed;
    }

    /** The most chunks of one page of the volume that can stand on one node. */
    int perNode(VolumeEntry volume) {
        return Math.max(
                perNode(volume.placing().from(), volume.scheme()),
                perNode(volume.placing().to(), volume.scheme()));
    }

    private int perNode(SlotList list, Scheme scheme) {
        return caps.computeIfAbsent(new Listed(list, scheme), this::perNode);
    }

    private int perNode(Listed listed) {
        int most = 1;
        for (ChunkCaps each : capsOf(listed.list())) {
            most = Math.max(most, each.perNode(listed.scheme().fragments()));
        }
        return most;
    }

    /**
     * Placement takes its caps from the listed slots, tombstones included; without these more
     * chunks can come together.
     */
    private List<ChunkCaps> capsOf(SlotList list) {
        List<DeviceSlot> listed = slots.subList(0, list.slots());
        return List.of(
                new ChunkCaps(nodes, listed),
                new ChunkCaps(
                        nodes,
                        listed.stream().filter(slot -> list.contains(slot.slot())).toList()));
    }

    /** The most chunks of one page of the volume that can stand on these slots. */
    int worstLoss(VolumeEntry volume, Set<Integer> behind) {
        Placing placing = volume.placing();
        int unmoved = worstLoss(placing.from(), volume.scheme(), behind);
        return placing.hasMovedPages()
                ? Math.max(unmoved, worstLoss(placing.to(), volume.scheme(), behind))
                : unmoved;
    }

    private int worstLoss(SlotList list, Scheme scheme, Set<Integer> behind) {
        Map<Integer, Integer> perNode = new HashMap<>();
        for (int slot : behind) {
            if (list.contains(slot)) {
                perNode.merge(slots.get(slot).nodeId(), 1, Integer::sum);
            }
        }
        int cap = perNode(list, scheme);
        return perNode.values().stream().mapToInt(count -> Math.min(cap, count)).sum();
    }

    /**
     * Whether pages of the volume may move to this list: none would have more chunks behind there
     * than it can lose.
     */
    boolean mayMoveTo(SlotList list, VolumeEntry volume) {
        return worstLoss(list, volume.scheme(), volume.behind().keySet()) <= LOSSES_MAX;
    }
}
