package io.stria.control;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeState;
import io.stria.control.decisions.Survival;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.VoterReport;
import io.stria.control.rest.ControlView;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/** What the control plane counts, read when somebody asks. */
final class ControlMetrics {
    private static final double NS = 1e-9;

    final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Supplier<ControlView> view;

    ControlMetrics(int nodeId, Supplier<ControlView> view, LongSupplier nowNs) {
        this.view = view;
        gauge("stria.map.epoch", "Newest cluster map here", v -> v.map().epoch());
        gauge(
                "stria.map.applied.epoch",
                "Map that all reactors have applied",
                v -> v.appliedEpoch());
        gauge("stria.map.in.force.epoch", "Map that is in force", v -> v.inForceEpoch());
        gauge(
                "stria.lease.remaining.seconds",
                "Time that the node's lease still runs",
                v -> Math.max(0, v.leaseEndNs() - nowNs.getAsLong()) * NS);
        gauge(
                "stria.leader",
                "1 on the node that leads",
                v -> v.leader().nodeId() == nodeId ? 1 : 0);
        gauge(
                "stria.voter.failed",
                "1 while this node's voter takes part in nothing",
                v -> v.voter().hasFailed() ? 1 : 0);
        gauge("stria.voters", "Voters in the map", v -> Survival.voters(v.map()));
        gauge(
                "stria.voters.working",
                "Voters that take part in decisions, on the node that leads",
                led((leader, map) -> Survival.workingVoters(map, leader.voting())));
        gauge(
                "stria.decisions.free.bytes",
                "Room that is left on the file system of this node's decisions",
                v ->
                        v.voter().freeBytes() == VoterReport.UNKNOWN_BYTES
                                ? Double.NaN
                                : v.voter().freeBytes());
        gauge("stria.term", "Term of the leader", v -> v.leader().term());
        gauge(
                "stria.nodes",
                "Nodes in the map, without those that were removed",
                v -> v.map().members().size());
        gauge(
                "stria.nodes.online",
                "Nodes that count as alive",
                v ->
                        v.map().nodes().stream()
                                .filter(node -> node.state() == NodeState.ONLINE)
                                .count());
        gauge(
                "stria.nodes.away",
                "Nodes that do not count as alive, and have a vote, a slot or a path",
                v ->
                        v.map().nodes().stream()
                                .filter(node -> node.state() != NodeState.ONLINE)
                                .filter(v.map()::needs)
                                .count());
        gauge(
                "stria.devices.lost",
                "Devices that are lost for good, and whose chunks are not all rebuilt yet",
                v ->
                        v.map().slots().stream()
                                .filter(slot -> slot.state() == DeviceState.FAILED)
                                .count());
        gauge(
                "stria.devices.unavailable",
                "Devices with a slot that are away, and not yet taken for lost",
                v -> v.map().slots().stream().filter(slot -> isAway(v, slot)).count());
        gauge(
                "stria.devices.unplaced",
                "Devices that no slot is kept for, in nodes that are alive, on the node that leads",
                led((leader, map) -> leader.spares(map).size()));
        gauge(
                "stria.rebuilds.held.back",
                "Reasons why devices that are away for long are not rebuilt elsewhere, on the node that leads",
                led((leader, map) -> leader.heldBack().size()));
        gauge("stria.volumes", "Volumes in the map", v -> v.map().volumes().size());
        gauge(
                "stria.volumes.not.served",
                "Volumes that nobody serves, on the node that leads",
                led((leader, map) ->
                        map.volumes().stream()
                                .filter(volume -> volume.state() == VolumeState.ONLINE)
                                .filter(volume -> !leader.serves(volume))
                                .count()));
        gauge(
                "stria.volumes.waiting",
                "Volumes of which some pages may have more chunks away or behind than they can lose",
                v -> Survival.whoseBlocksMayWait(v.map()).size());
        gauge(
                "stria.volumes.behind",
                "Volumes with a slot that is not in sync",
                v -> v.map().volumes().stream().filter(x -> !x.behind().isEmpty()).count());
        gauge(
                "stria.volumes.moving",
                "Volumes with chunks on their way to other slots",
                v -> v.map().volumes().stream().filter(x -> x.placing().isMoving()).count());
    }

    private static boolean isAway(ControlView view, DeviceSlot slot) {
        LeaderView leader = view.leads();
        return leader == null ? view.map().isAway(slot) : leader.isAway(view.map(), slot);
    }

    /** What only a leader knows: 0 on the others. */
    private static ToDoubleFunction<ControlView> led(
            ToDoubleBiFunction<LeaderView, ClusterMap> value) {
        return view -> {
            LeaderView leader = view.leads();
            return leader == null ? 0 : value.applyAsDouble(leader, view.map());
        };
    }

    private void gauge(String name, String help, ToDoubleFunction<ControlView> value) {
        Gauge.builder(name, view, source -> value.applyAsDouble(source.get()))
                .description(help)
                .strongReference(true)
                .register(registry);
    }
}
