package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.UnplacedDevice;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What only the leader knows, at one time.
 *
 * @param epoch newest committed
 * @param inForceEpoch newest in force
 * @param rebuildAfterSeconds a device that is away for longer is taken for lost; 0: never
 * @param away devices with chunks that are away
 * @param fills of the devices that are there, as their nodes have told
 * @param heldBack why some of them are not taken for lost although their time is over; sentences
 */
public record LeaderView(
        long term,
        int leaderId,
        long epoch,
        long inForceEpoch,
        List<NodeView> nodes,
        List<UnplacedDevice> unplaced,
        long rebuildAfterSeconds,
        List<DeviceFill> fills,
        List<AwayDevice> away,
        List<String> heldBack) {
    public LeaderView {
        nodes = List.copyOf(nodes);
        unplaced = List.copyOf(unplaced);
        fills = List.copyOf(fills);
        away = List.copyOf(away);
        heldBack = List.copyOf(heldBack);
    }

    /**
     * Devices in nodes that are there, and that no slot is kept for. One that is in another node
     * than its slot may hold what is nowhere else, and is none of these.
     */
    public List<UnplacedDevice> spares(ClusterMap map) {
        return unplaced.stream()
                .filter(device ->
                        map.node(device.nodeId())
                                .filter(node -> node.state() == NodeState.ONLINE)
                                .isPresent())
                .filter(device ->
                        map.slots().stream()
                                .filter(slot -> slot.state() != DeviceState.REMOVED)
                                .noneMatch(slot -> slot.deviceId().equals(device.device().id())))
                .toList();
    }

    /**
     * As {@link ClusterMap#isAway}, and of those that are drained also one that its node has no
     * more: the map does not say that.
     */
    public boolean isAway(ClusterMap map, DeviceSlot slot) {
        return map.isAway(slot)
                || slot.state() == DeviceState.DRAINING
                        && away.stream().anyMatch(gone -> gone.deviceId().equals(slot.deviceId()));
    }

    /** Its owner has a lease and says that it serves it. */
    public boolean serves(VolumeEntry volume) {
        Serving wanted = new Serving(volume.vuid(), volume.epoch());
        return nodes.stream()
                .filter(node -> node.id() == volume.owner() && node.leased())
                .anyMatch(node -> node.serving().contains(wanted));
    }

    /** Nodes whose voters take part in decisions, as they have said. */
    public Set<Integer> voting() {
        return nodes.stream()
                .filter(node -> node.voter().works())
                .map(NodeView::id)
                .collect(Collectors.toSet());
    }

    /**
     * One node as the leader sees it; pid 0 if it has not been heard.
     *
     * @param strayEpoch not 0 if it gets no lease because it has applied another map of that epoch
     *     than was decided
     * @param voter as the node said last
     */
    public record NodeView(
            int id,
            long pid,
            String engine,
            boolean leased,
            long appliedEpoch,
            long strayEpoch,
            VoterReport voter,
            List<Serving> serving,
            List<ScrubReport> scrubs) {
        public NodeView {
            serving = List.copyOf(serving);
            scrubs = List.copyOf(scrubs);
        }
    }
}
