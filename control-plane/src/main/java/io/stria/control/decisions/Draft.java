package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The next state while the rules write it; made and dropped within one decision. */
final class Draft {
    final ClusterState base;
    final SortedMap<Integer, NodeEntry> nodes = new TreeMap<>();
    final List<DeviceSlot> slots;
    final SortedMap<Integer, VolumeEntry> volumes = new TreeMap<>();
    final List<UnplacedDevice> unplaced;
    int nextVuid;
    long rebuildAfterSeconds;

    Draft(ClusterState base) {
        this.base = base;
        base.map().nodes().forEach(node -> nodes.put(node.id(), node));
        base.map().volumes().forEach(volume -> volumes.put(volume.vuid(), volume));
        slots = new ArrayList<>(base.map().slots());
        unplaced = new ArrayList<>(base.unplaced());
        nextVuid = base.nextVuid();
        rebuildAfterSeconds = base.rebuildAfterSeconds();
    }

    /** The epoch that this change makes. */
    long epoch() {
        return base.map().epoch() + 1;
    }

    boolean online(int nodeId) {
        NodeEntry node = nodes.get(nodeId);
        return node != null && node.state() == NodeState.ONLINE;
    }

    void setState(DeviceSlot slot, DeviceState state) {
        slots.set(slot.slot(), slot.withState(state));
    }

    /** Whether any volume that is not being deleted may have chunks there. */
    boolean isUsed(int slot) {
        return volumes.values().stream()
                .filter(volume -> volume.state() == VolumeState.ONLINE)
                .anyMatch(volume -> volume.placing().uses(slot));
    }

    /** Marks the slot for the volume, with the epoch of this change. */
    void mark(VolumeEntry volume, int slot) {
        mark(volume, List.of(slot));
    }

    /** All of them at once: a node that goes has every volume mark each of its devices. */
    void mark(VolumeEntry volume, List<Integer> marked) {
        SortedMap<Integer, Long> behind = new TreeMap<>(volume.behind());
        Placing placing = volume.placing();
        for (int slot : marked) {
            if (behind.put(slot, epoch()) == null) {
                placing = placing.marked(slot, epoch());
            }
        }
        volumes.put(volume.vuid(), volume.withBehind(behind).withPlacing(placing));
    }

    /** Renews the marks that any volume has on slots of the node. */
    void renewMarks(int nodeId) {
        for (VolumeEntry volume : List.copyOf(volumes.values())) {
            List<Integer> marked =
                    volume.behind().keySet().stream()
                            .filter(slot -> slots.get(slot).nodeId() == nodeId)
                            .toList();
            if (!marked.isEmpty()) {
                mark(volume, marked);
            }
        }
    }

    /** A new start of the volume's owner; every one raises the volume's epoch. */
    void startOwner(VolumeEntry volume, int nodeId) {
        volumes.put(volume.vuid(), volume.withOwner(nodeId));
    }

    /** Volumes that serve hosts, or will. */
    List<VolumeEntry> served() {
        return volumes.values().stream()
                .filter(volume -> volume.state() == VolumeState.ONLINE)
                .toList();
    }

    /** The map as it is so far, without volumes. */
    ClusterMap soFar() {
        return base.map().next(List.copyOf(nodes.values()), slots, List.of());
    }

    ClusterState finish() {
        ClusterMap map =
                base.map().next(List.copyOf(nodes.values()), slots, List.copyOf(volumes.values()));
        return new ClusterState(map, base.secretId(), nextVuid, unplaced, rebuildAfterSeconds);
    }
}
