package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.StopCheck;
import io.stria.control.decisions.Survival;
import io.stria.control.decisions.UnplacedDevice;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.VoterReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Turns what is known into answers; pure. */
final class ClusterViews {
    private final ClusterMap map;
    private final @Nullable LeaderView leader;
    private final MovementViews movements;
    private final ObservedCluster cluster;
    private final DeviceFills fills;

    /**
     * @param leader null when no leader has answered
     */
    ClusterViews(ClusterMap map, @Nullable LeaderView leader, MoveRates rates, long nowNs) {
        this(new ObservedCluster(map, leader, 0, VoterReport.UNHEARD), rates, nowNs);
    }

    private ClusterViews(ObservedCluster cluster, MoveRates rates, long nowNs) {
        this.cluster = cluster;
        this.map = cluster.map();
        this.leader = cluster.leader();
        this.movements = new MovementViews(map.pageShift(), rates, nowNs);
        this.fills = new DeviceFills(cluster);
    }

    /** As the node knows it now. */
    static ClusterViews of(ControlAccess control, @Nullable LeaderView leader) {
        ControlView view = control.view();
        return new ClusterViews(
                new ObservedCluster(view.map(), leader, view.nodeId(), view.voter()),
                control.rates(),
                control.nowNs());
    }

    ClusterJson.Cluster cluster(long inForceEpoch) {
        ClusterHealth found = new ClusterHealth(cluster, fills);
        List<String> problems = found.problems();
        boolean unavailable = leader == null || map.volumes().stream().anyMatch(cluster::isMissed);
        String health = problems.isEmpty() ? "healthy" : unavailable ? "unavailable" : "degraded";
        return new ClusterJson.Cluster(
                map.clusterId(),
                map.epoch(),
                leader == null ? inForceEpoch : Math.max(inForceEpoch, leader.inForceEpoch()),
                map.pageShift(),
                health,
                problems,
                found.notes(),
                leader == null ? null : leader.leaderId(),
                new ClusterJson.Count(
                        map.members().size(),
                        count(map.members(), n -> n.state() == NodeState.ONLINE)),
                new ClusterJson.Count(
                        count(map.slots(), s -> s.state() != DeviceState.REMOVED),
                        count(map.slots(), cluster::isOnline)),
                new ClusterJson.Count(map.volumes().size(), count(map.volumes(), cluster::served)),
                new ClusterJson.Count(
                        Survival.voters(map), Survival.workingVoters(map, cluster.voting())),
                fills.space(),
                map.volumes().stream().flatMap(v -> movements.named(v).stream()).toList());
    }

    private static <T> int count(List<T> list, Predicate<T> wanted) {
        return (int) list.stream().filter(wanted).count();
    }

    List<ClusterJson.Node> nodes() {
        return map.members().stream().map(this::node).toList();
    }

    private ClusterJson.Node node(NodeEntry node) {
        Optional<LeaderView.NodeView> seen =
                cluster.seen(node.id())
                        .filter(view -> view.pid() != 0 && node.state() == NodeState.ONLINE);
        return new ClusterJson.Node(
                node.id(),
                seen.map(LeaderView.NodeView::pid).orElse(null),
                seen.map(LeaderView.NodeView::engine).filter(e -> !e.isEmpty()).orElse(null),
                node.address(),
                node.dataPort(),
                node.apiPort(),
                node.consensusPort(),
                node.zone(),
                node.rack(),
                node.voter(),
                word(node.state()),
                leader != null && leader.leaderId() == node.id(),
                seen.map(LeaderView.NodeView::leased).orElse(null),
                voterState(cluster.voter(node)),
                node.voter() && ObservedCluster.isGone(cluster.voter(node))
                        ? cluster.voter(node).reason()
                        : null,
                node.incarnation(),
                seen.map(LeaderView.NodeView::appliedEpoch).orElse(null));
    }

    private static @Nullable String voterState(VoterReport voter) {
        return voter.state() == VoterReport.State.UNKNOWN ? null : word(voter.state());
    }

    /** Of a device that was added again, where it is, and not where it was. */
    List<ClusterJson.Device> devices() {
        Set<UUID> placed = new HashSet<>();
        for (DeviceSlot slot : map.slots()) {
            if (slot.state() != DeviceState.REMOVED) {
                placed.add(slot.deviceId());
            }
        }
        List<ClusterJson.Device> devices = new ArrayList<>();
        for (DeviceSlot slot : map.slots()) {
            if (slot.state() == DeviceState.REMOVED && placed.contains(slot.deviceId())) {
                continue;
            }
            devices.add(
                    new ClusterJson.Device(
                            slot.slot(),
                            slot.deviceId(),
                            slot.nodeId(),
                            slot.sizeBytes(),
                            cluster.isAway(slot)
                                    ? null
                                    : fills.bytes(slot.deviceId(), DeviceFill::pagesUsed),
                            cluster.isAway(slot)
                                    ? null
                                    : fills.bytes(slot.deviceId(), DeviceFill::pagesTotal),
                            slot.weight(),
                            word(slot.state()),
                            null));
        }
        if (leader != null) {
            for (UnplacedDevice unplaced : leader.unplaced()) {
                devices.add(
                        new ClusterJson.Device(
                                null,
                                unplaced.device().id(),
                                unplaced.nodeId(),
                                unplaced.device().sizeBytes(),
                                fills.bytes(unplaced.device().id(), DeviceFill::pagesUsed),
                                fills.bytes(unplaced.device().id(), DeviceFill::pagesTotal),
                                0,
                                "unplaced",
                                unplaced.reason()));
            }
        }
        return devices;
    }

    List<ClusterJson.Volume> volumes() {
        return map.volumes().stream().map(each -> volume(each, isServed(each))).toList();
    }

    Optional<ClusterJson.Volume> volume(String name) {
        return map.volumeByName(name).map(volume -> volume(volume, isServed(volume)));
    }

    /** Its owner has just been told, so that it is not served yet would mean nothing. */
    Optional<ClusterJson.Volume> created(String name) {
        return map.volumeByName(name).map(volume -> volume(volume, null));
    }

    private @Nullable Boolean isServed(VolumeEntry volume) {
        return leader == null ? null : (Boolean) cluster.served(volume);
    }

    private ClusterJson.Volume volume(VolumeEntry volume, @Nullable Boolean serving) {
        return new ClusterJson.Volume(
                volume.name(),
                volume.id(),
                volume.vuid(),
                volume.nqn(),
                volume.sizeBytes(),
                volume.lbaBytes(),
                volume.scheme().toString(),
                word(volume.tolerance()),
                word(volume.state()),
                volume.epoch(),
                volume.owner(),
                serving,
                Survival.blocksMayWait(map, volume),
                volume.paths(),
                List.copyOf(volume.behind().keySet()),
                volume.behind().keySet().stream()
                        .map(slot -> new ClusterJson.BehindSlot(slot, map.slot(slot).nodeId()))
                        .toList(),
                movements.of(volume),
                scrub(volume),
                Survival.of(map, volume, cluster.voting()));
    }

    /** Null while the present owner has not been heard. */
    private ClusterJson.@Nullable Scrub scrub(VolumeEntry volume) {
        return cluster.seen(volume.owner()).stream()
                .flatMap(view -> view.scrubs().stream())
                .filter(of -> of.vuid() == volume.vuid() && of.volumeEpoch() == volume.epoch())
                .findFirst()
                .map(of ->
                        new ClusterJson.Scrub(
                                of.underWay(),
                                of.pagesDone(),
                                of.pages(),
                                of.passes(),
                                of.passes() == 0 ? null : (Long) of.endedSecondsAgo(),
                                of.blocks(),
                                of.faults(),
                                of.repaired(),
                                of.strays()))
                .orElse(null);
    }

    ClusterJson.StopCheck okToStop(int node) {
        StopCheck check = StopCheck.of(map, node, cluster.notHeard(), cluster.voting());
        List<ClusterJson.StopVolume> volumes = new ArrayList<>();
        List<String> now = new ArrayList<>();
        if (leader == null) {
            now.add("no leader answers");
        } else if (leader.epoch() > map.epoch()) {
            now.add("this node does not know the newest map yet");
        }
        for (StopCheck.Volume volume : check.volumes()) {
            boolean served = map.volumeByName(volume.name()).filter(cluster::served).isPresent();
            String problem =
                    volume.problem() != null || leader == null || served
                            ? volume.problem()
                            : "is not served now";
            if (problem != null && volume.problem() == null) {
                now.add("volume " + volume.name() + " " + problem);
            }
            volumes.add(
                    new ClusterJson.StopVolume(
                            volume.name(), problem == null, problem, volume.survives()));
        }
        if (!check.ok()) {
            now.add(check.reason());
        }
        return now.isEmpty()
                ? new ClusterJson.StopCheck(node, true, check.reason(), volumes)
                : new ClusterJson.StopCheck(node, false, String.join("; ", now), volumes);
    }

    Optional<ClusterJson.Connect> connect(String name) {
        return map.volumeByName(name)
                .map(volume ->
                        new ClusterJson.Connect(
                                volume.nqn(),
                                volume.paths().stream()
                                        .flatMap(id -> map.node(id).stream())
                                        .map(node -> path(volume, node))
                                        .toList()));
    }

    private static ClusterJson.Path path(VolumeEntry volume, NodeEntry node) {
        return new ClusterJson.Path(
                node.id(),
                node.address(),
                Integer.toString(node.dataPort()),
                node.id() == volume.owner() ? "optimized" : "inaccessible");
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
