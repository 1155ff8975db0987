package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Survival;
import io.stria.control.decisions.UnplacedDevice;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.VoterReport;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with a cluster, and what is worth knowing of it, a sentence each. */
final class ClusterHealth {
    private final ObservedCluster cluster;
    private final ClusterMap map;
    private final @Nullable LeaderView leader;
    private final DeviceFills fills;

    ClusterHealth(ObservedCluster cluster, DeviceFills fills) {
        this.cluster = cluster;
        this.map = cluster.map();
        this.leader = cluster.leader();
        this.fills = fills;
    }

    List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (map.epoch() == 0) {
            problems.add("this node has no map of the cluster yet");
        }
        if (leader == null) {
            problems.add("no leader answers");
        }
        if (cluster.ownVoter().hasFailed() && map.node(cluster.nodeId()).isEmpty()) {
            problems.add("this node's voter takes part in nothing: " + cluster.ownVoter().reason());
        }
        for (NodeEntry node : map.members()) {
            if (node.incarnation() == 0) {
                problems.add("node " + node.id() + " has never started");
            } else if (node.state() != NodeState.ONLINE && map.needs(node)) {
                problems.add("node " + node.id() + " is offline");
            }
            addVoter(problems, node);
            cluster.seen(node.id())
                    .filter(view -> view.strayEpoch() != 0)
                    .ifPresent(view ->
                            problems.add(
                                    "node %d gets no lease: it has applied another map of epoch %d than was decided"
                                            .formatted(view.id(), view.strayEpoch())));
        }
        for (DeviceSlot slot : map.slots()) {
            if (!cluster.isOnline(slot) && slot.state() != DeviceState.REMOVED) {
                problems.add(
                        "device %s (slot %d, node %d) is %s%s%s"
                                .formatted(
                                        slot.deviceId(),
                                        slot.slot(),
                                        slot.nodeId(),
                                        slot.state() == DeviceState.DRAINING
                                                ? "draining, and away"
                                                : ClusterViews.word(slot.state()),
                                        awayFor(slot),
                                        elsewhere(slot)));
            }
        }
        if (leader != null) {
            problems.addAll(leader.heldBack());
        }
        for (VolumeEntry volume : map.volumes()) {
            if (!volume.behind().isEmpty()) {
                problems.add(
                        "volume %s has slots %s behind"
                                .formatted(volume.name(), volume.behind().keySet()));
            }
            if (cluster.isMissed(volume)) {
                problems.add(
                        "volume %s is not served: its owner is node %d at epoch %d"
                                .formatted(volume.name(), volume.owner(), volume.epoch()));
            }
        }
        for (VolumeEntry volume : Survival.whoseBlocksMayWait(map)) {
            problems.add(
                    "volume %s may have more than %d chunks of a page away or behind: IO of such blocks waits until they are back"
                            .formatted(volume.name(), Scheme.PARITY_FRAGMENTS));
        }
        return problems;
    }

    /** None of these is a fault: nodes are drained, spare devices wait, and devices fill. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        for (NodeEntry node : map.members()) {
            boolean away = node.incarnation() != 0 && node.state() != NodeState.ONLINE;
            if (away && !map.needs(node)) {
                notes.add(
                        "node %d is offline, and nothing rests on it: no vote, no slot, no path. 'node remove' takes it out"
                                .formatted(node.id()));
            }
        }
        List<UnplacedDevice> unplaced = leader == null ? List.of() : leader.spares(map);
        if (!unplaced.isEmpty()) {
            notes.add(
                    "%s of nodes %s without a slot: nothing is stored there, and the list of devices says why"
                            .formatted(
                                    unplaced.size() == 1
                                            ? "a device"
                                            : unplaced.size() + " devices",
                                    unplaced.stream()
                                            .map(UnplacedDevice::nodeId)
                                            .collect(Collectors.toCollection(TreeSet::new))));
        }
        for (DeviceSlot slot : fills.filled().toList()) {
            double percent = fills.fill(slot).percent();
            if (percent > DeviceFill.HIGH_WATER_PERCENT) {
                notes.add(
                        "device %s (slot %d, node %d) is %.0f %% full: over %d %% nothing is rebuilt on it unasked"
                                .formatted(
                                        slot.deviceId(),
                                        slot.slot(),
                                        slot.nodeId(),
                                        percent,
                                        DeviceFill.HIGH_WATER_PERCENT));
            }
        }
        return notes;
    }

    /** What is on a disk that was put into another node may be nowhere else. */
    private String elsewhere(DeviceSlot slot) {
        if (leader == null || slot.state() == DeviceState.FAILED) {
            return "";
        }
        return leader.unplaced().stream()
                .filter(unplaced ->
                        unplaced.device().id().equals(slot.deviceId())
                                && unplaced.nodeId() != slot.nodeId())
                .map(unplaced ->
                        ". It is in node %d: put it back into node %d"
                                .formatted(unplaced.nodeId(), slot.nodeId()))
                .findFirst()
                .orElse("");
    }

    private void addVoter(List<String> problems, NodeEntry node) {
        VoterReport voter = cluster.voter(node);
        if (node.voter() && ObservedCluster.isGone(voter)) {
            problems.add(
                    "node %d's voter takes part in nothing: %s"
                            .formatted(node.id(), voter.reason()));
        }
        if (voter.lacksRoom()) {
            problems.add(
                    "node %d has less than %d MiB left for decisions: without room its voter fails"
                            .formatted(node.id(), VoterReport.FREE_BYTES_MIN >> 20));
        }
    }

    /** How long it is away, and when nobody waits for it any more. */
    private String awayFor(DeviceSlot slot) {
        if (leader == null) {
            return "";
        }
        long after = leader.rebuildAfterSeconds();
        return leader.away().stream()
                .filter(away -> away.deviceId().equals(slot.deviceId()))
                .map(away ->
                        after == 0
                                ? ", for %d s".formatted(away.seconds())
                                : ", for %d s: after %d s what it holds is rebuilt elsewhere"
                                        .formatted(away.seconds(), after))
                .findFirst()
                .orElse("");
    }
}
