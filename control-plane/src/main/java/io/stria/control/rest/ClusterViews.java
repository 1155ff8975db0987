package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns what is known into answers; pure. */
final class ClusterViews {
    private final ClusterMap map;
    private final @Nullable LeaderView leader;
    private final MovementViews movements;
    private final int nodeId;
    private final VoterReport ownVoter;
    private final Set<Integer> voting;
    private final Map<UUID, DeviceFill> fills;

    /**
     * @param leader null when no leader has answered
     */
    ClusterViews(ClusterMap map, @Nullable LeaderView leader, MoveRates rates, long nowNs) {
        this(map, leader, rates, nowNs, 0, VoterReport.UNHEARD);
    }

    private ClusterViews(
            ClusterMap map,
            @Nullable LeaderView leader,
            MoveRates rates,
            long nowNs,
            int nodeId,
            VoterReport ownVoter) {
        this.nodeId = nodeId;
        this.ownVoter = ownVoter;
        this.map = map;
        this.leader = leader;
        this.movements = new MovementViews(map.pageShift(), rates, nowNs);
        this.fills =
                (leader == null ? List.<DeviceFill>of() : leader.fills())
                        .stream()
                                .collect(
                                        Collectors.toMap(
                                                DeviceFill::deviceId,
                                                Function.identity(),
                                                (one, other) -> one));
        this.voting =
                map.nodes().stream()
                        .filter(node -> voter(node).works())
                        .map(NodeEntry::id)
                        .collect(Collectors.toSet());
    }

    /** As the node knows it now. */
    static ClusterViews of(ControlAccess control, @Nullable LeaderView leader) {
        ControlView view = control.view();
        return new ClusterViews(
                view.map(), leader, control.rates(), control.nowNs(), view.nodeId(), view.voter());
    }

    ClusterJson.Cluster cluster(long inForceEpoch) {
        List<String> problems = problems();
        boolean unavailable = leader == null || map.volumes().stream().anyMatch(this::isMissed);
        String health = problems.isEmpty() ? "healthy" : unavailable ? "unavailable" : "degraded";
        return new ClusterJson.Cluster(
                map.clusterId(),
                map.epoch(),
                leader == null ? inForceEpoch : Math.max(inForceEpoch, leader.inForceEpoch()),
                map.pageShift(),
                health,
                problems,
                notes(),
                leader == null ? null : leader.leaderId(),
                new ClusterJson.Count(
                        map.nodes().size(), count(map.nodes(), n -> n.state() == NodeState.ONLINE)),
                new ClusterJson.Count(
                        count(map.slots(), s -> s.state() != DeviceState.REMOVED),
                        count(map.slots(), this::isOnline)),
                new ClusterJson.Count(map.volumes().size(), count(map.volumes(), this::served)),
                new ClusterJson.Count(Survival.voters(map), Survival.workingVoters(map, voting)),
                space(),
                map.volumes().stream().flatMap(v -> movements.named(v).stream()).toList());
    }

    /** One that is drained serves until it is empty. */
    private boolean isOnline(DeviceSlot slot) {
        return slot.state() == DeviceState.ONLINE
                || slot.state() == DeviceState.DRAINING && !isAway(slot);
    }

    private boolean isAway(DeviceSlot slot) {
        return leader == null ? map.isAway(slot) : leader.isAway(map, slot);
    }

    private static <T> int count(List<T> list, Predicate<T> wanted) {
        return (int) list.stream().filter(wanted).count();
    }

    private List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (map.epoch() == 0) {
            problems.add("this node has no map of the cluster yet");
        }
        if (leader == null) {
            problems.add("no leader answers");
        }
        if (ownVoter.hasFailed() && map.node(nodeId).isEmpty()) {
            problems.add("this node's voter takes part in nothing: " + ownVoter.reason());
        }
        for (NodeEntry node : map.nodes()) {
            if (node.incarnation() == 0) {
                problems.add("node " + node.id() + " has never started");
            } else if (node.state() != NodeState.ONLINE && map.needs(node)) {
                problems.add("node " + node.id() + " is offline");
            }
            addVoter(problems, node);
            seen(node.id())
                    .filter(view -> view.strayEpoch() != 0)
                    .ifPresent(view ->
                            problems.add(
                                    "node %d gets no lease: it has applied another map of epoch %d than was decided"
                                            .formatted(view.id(), view.strayEpoch())));
        }
        for (DeviceSlot slot : map.slots()) {
            if (!isOnline(slot) && slot.state() != DeviceState.REMOVED) {
                problems.add(
                        "device %s (slot %d, node %d) is %s%s%s"
                                .formatted(
                                        slot.deviceId(),
                                        slot.slot(),
                                        slot.nodeId(),
                                        slot.state() == DeviceState.DRAINING
                                                ? "draining, and away"
                                                : word(slot.state()),
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
            if (isMissed(volume)) {
                problems.add(
                        "volume %s is not served: its owner is node %d at epoch %d"
                                .formatted(volume.name(), volume.owner(), volume.epoch()));
            }
        }
        return problems;
    }

    /** None of these is a fault: nodes are drained, spare devices wait, and devices fill. */
    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        for (NodeEntry node : map.nodes()) {
            boolean away = node.incarnation() != 0 && node.state() != NodeState.ONLINE;
            if (away && !map.needs(node)) {
                notes.add(
                        "node %d is offline, and nothing rests on it: no vote, no slot, no path"
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
        for (DeviceSlot slot : filled().toList()) {
            double percent = fill(slot).percent();
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

    /** Those that chunks are read from and written to, and have told how full they are. */
    private Stream<DeviceSlot> filled() {
        return map.slots().stream()
                .filter(slot ->
                        slot.state() != DeviceState.REMOVED && slot.state() != DeviceState.FAILED)
                .filter(slot -> !isAway(slot) && fills.containsKey(slot.deviceId()));
    }

    private DeviceFill fill(DeviceSlot slot) {
        return Objects.requireNonNull(fills.get(slot.deviceId()));
    }

    private ClusterJson.@Nullable Space space() {
        if (filled().findAny().isEmpty()) {
            return null;
        }
        return new ClusterJson.Space(
                bytes(filled().mapToLong(slot -> fill(slot).pagesUsed()).sum()),
                bytes(filled().mapToLong(slot -> fill(slot).pagesTotal()).sum()),
                filled().mapToDouble(slot -> fill(slot).percent()).max().orElse(0));
    }

    /** A page of a store holds a chunk. */
    private long bytes(long chunks) {
        return chunks * (512L << map.pageShift());
    }

    private @Nullable Long bytes(UUID device, ToLongFunction<DeviceFill> chunks) {
        DeviceFill fill = fills.get(device);
        return fill == null ? null : (Long) bytes(chunks.applyAsLong(fill));
    }

    private void addVoter(List<String> problems, NodeEntry node) {
        VoterReport voter = voter(node);
        if (node.voter() && isGone(voter)) {
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

    private static boolean isGone(VoterReport voter) {
        return voter.hasFailed() || voter.state() == VoterReport.State.NONE;
    }

    /**
     * As its node has said to the present leader: before that has heard it, and where none answers,
     * nobody counts on it. This node knows of its own before the leader does.
     */
    private VoterReport voter(NodeEntry node) {
        if (!node.voter()) {
            return VoterReport.NONE;
        }
        if (node.id() == nodeId && ownVoter.hasFailed()) {
            return ownVoter;
        }
        return seen(node.id())
                .filter(view -> node.state() == NodeState.ONLINE)
                .map(LeaderView.NodeView::voter)
                .orElse(VoterReport.UNHEARD);
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

    private Optional<LeaderView.NodeView> seen(int node) {
        return leader == null
                ? Optional.empty()
                : leader.nodes().stream().filter(view -> view.id() == node).findFirst();
    }

    /** One that is deleted is served by nobody, and should not be. */
    private boolean isMissed(VolumeEntry volume) {
        return volume.state() == VolumeState.ONLINE && !served(volume);
    }

    private boolean served(VolumeEntry volume) {
        return leader != null && leader.serves(volume);
    }

    List<ClusterJson.Node> nodes() {
        return map.nodes().stream().map(this::node).toList();
    }

    private ClusterJson.Node node(NodeEntry node) {
        Optional<LeaderView.NodeView> seen =
                seen(node.id()).filter(view -> view.pid() != 0 && node.state() == NodeState.ONLINE);
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
                voterState(voter(node)),
                node.voter() && isGone(voter(node)) ? voter(node).reason() : null,
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
                            isAway(slot) ? null : bytes(slot.deviceId(), DeviceFill::pagesUsed),
                            isAway(slot) ? null : bytes(slot.deviceId(), DeviceFill::pagesTotal),
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
                                bytes(unplaced.device().id(), DeviceFill::pagesUsed),
                                bytes(unplaced.device().id(), DeviceFill::pagesTotal),
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
        return leader == null ? null : (Boolean) served(volume);
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
                volume.paths(),
                List.copyOf(volume.behind().keySet()),
                volume.behind().keySet().stream()
                        .map(slot -> new ClusterJson.BehindSlot(slot, map.slot(slot).nodeId()))
                        .toList(),
                movements.of(volume),
                scrub(volume),
                Survival.of(map, volume, voting));
    }

    /** Null while the present owner has not been heard. */
    private ClusterJson.@Nullable Scrub scrub(VolumeEntry volume) {
        return seen(volume.owner()).stream()
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

    /** Nodes whose lease has ended, although they do not count as offline yet. */
    private Set<Integer> notHeard() {
        Set<Integer> nodes = new HashSet<>();
        if (leader != null) {
            for (LeaderView.NodeView seen : leader.nodes()) {
                if (!seen.leased()) {
                    nodes.add(seen.id());
                }
            }
        }
        return nodes;
    }

    ClusterJson.StopCheck okToStop(int node) {
        StopCheck check = StopCheck.of(map, node, notHeard(), voting);
        List<ClusterJson.StopVolume> volumes = new ArrayList<>();
        List<String> now = new ArrayList<>();
        if (leader == null) {
            now.add("no leader answers");
        } else if (leader.epoch() > map.epoch()) {
            now.add("this node does not know the newest map yet");
        }
        for (StopCheck.Volume volume : check.volumes()) {
            boolean served = map.volumeByName(volume.name()).filter(this::served).isPresent();
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
