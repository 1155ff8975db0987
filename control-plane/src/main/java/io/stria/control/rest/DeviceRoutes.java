package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.UnplacedDevice;
import io.stria.control.lease.LeaderView;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * What can be done with devices, one by one or all of a node at once. Asking again for what has
 * come about already changes nothing.
 */
final class DeviceRoutes {
    private static final Set<DeviceState> LEAVING =
            EnumSet.of(DeviceState.FAILED, DeviceState.REMOVED);

    private final Vertx vertx;
    private final ControlAccess control;
    private final Changes changes;

    DeviceRoutes(Vertx vertx, ControlAccess control, Changes changes) {
        this.vertx = vertx;
        this.control = control;
        this.changes = changes;
    }

    void mount(Router api) {
        device(api, "add", DeviceRequest.Plain::parse, (context, id, plain) -> add(context, id));
        device(
                api,
                "drain",
                DeviceRequest.Plain::parse,
                (context, id, plain) ->
                        propose(context, new Decision.DrainDevices(List.of(id)), List.of(id)));
        device(
                api,
                "keep",
                DeviceRequest.Plain::parse,
                (context, id, plain) ->
                        propose(context, new Decision.KeepDevices(List.of(id)), List.of(id)));
        device(
                api,
                "fail",
                DeviceRequest.Fail::parse,
                (context, id, fail) ->
                        propose(
                                context,
                                new Decision.FailDevices(List.of(id), fail.reason()),
                                List.of(id)));
        device(api, "replace", DeviceRequest.Replace::parse, this::replace);
        node(
                api,
                "drain",
                DeviceRequest.Plain::parse,
                (context, slots, plain) -> {
                    List<UUID> ids = ids(slots, slot -> !LEAVING.contains(slot.state()));
                    propose(context, new Decision.DrainDevices(ids), ids);
                });
        node(
                api,
                "keep",
                DeviceRequest.Plain::parse,
                (context, slots, plain) -> {
                    List<UUID> ids = ids(slots, slot -> slot.state() == DeviceState.DRAINING);
                    propose(context, new Decision.KeepDevices(ids), ids);
                });
        node(
                api,
                "fail",
                DeviceRequest.Fail::parse,
                (context, slots, fail) -> {
                    List<UUID> ids = ids(slots, slot -> slot.state() != DeviceState.REMOVED);
                    propose(context, new Decision.FailDevices(ids, fail.reason()), ids);
                });
    }

    /** A command for what the path names. */
    private interface Command<S, T> {
        void run(RoutingContext context, S subject, T request);
    }

    private <T> void device(
            Router api, String word, Changes.Reader<T> reader, Command<UUID, T> command) {
        api.post("/devices/:id/" + word)
                .handler(body())
                .handler(context -> {
                    T request = changes.request(context, "/api/v1/devices/{id}/" + word, reader);
                    if (request == null) {
                        return;
                    }
                    UUID id;
                    try {
                        id = DeviceRequest.id(context.pathParam("id"));
                    } catch (IllegalArgumentException e) {
                        Responses.problem(
                                context, Problem.badRequest(String.valueOf(e.getMessage())));
                        return;
                    }
                    command.run(context, id, request);
                });
    }

    private <T> void node(
            Router api,
            String word,
            Changes.Reader<T> reader,
            Command<List<DeviceSlot>, T> command) {
        api.post("/nodes/:id/" + word)
                .handler(body())
                .handler(context -> {
                    T request = changes.request(context, "/api/v1/nodes/{id}/" + word, reader);
                    if (request == null) {
                        return;
                    }
                    ClusterMap map = control.view().map();
                    NodeEntry node = NodeRoutes.member(context, map);
                    if (node == null) {
                        return;
                    }
                    int id = node.id();
                    command.run(
                            context,
                            map.slots().stream().filter(slot -> slot.nodeId() == id).toList(),
                            request);
                });
    }

    static BodyHandler body() {
        return BodyHandler.create(false).setBodyLimit(ChangeRoutes.BODY_BYTES_MAX);
    }

    private static List<UUID> ids(
            List<DeviceSlot> slots, java.util.function.Predicate<DeviceSlot> wanted) {
        return slots.stream().filter(wanted).map(DeviceSlot::deviceId).toList();
    }

    private void add(RoutingContext context, UUID id) {
        boolean placed =
                control.view().map().slots().stream()
                        .filter(slot -> !LEAVING.contains(slot.state()))
                        .anyMatch(slot -> slot.deviceId().equals(id));
        withLeader(
                context,
                (ignored, leader) -> {
                    Optional<UnplacedDevice> waiting =
                            leader.unplaced().stream()
                                    .filter(unplaced -> unplaced.device().id().equals(id))
                                    .findFirst();
                    if (waiting.isPresent()) {
                        add(context, waiting.get());
                    } else if (placed) {
                        answer(context, control.view().map().epoch(), List.of(id));
                    } else {
                        Responses.problem(context, Problem.notFound(whyItDoesNotWait(id)));
                    }
                });
    }

    /** What devices a node has is heard when it registers, and not when one has left its slot. */
    private String whyItDoesNotWait(UUID id) {
        return control.view().map().slots().stream()
                .filter(slot -> slot.deviceId().equals(id))
                .reduce((earlier, later) -> later)
                .map(slot ->
                        "device %s has left slot %d, and waits for another one only when node %d has started anew"
                                .formatted(id, slot.slot(), slot.nodeId()))
                .orElse("no node has brought a device %s that waits for a slot".formatted(id));
    }

    private void add(RoutingContext context, UnplacedDevice waiting) {
        long incarnation =
                control.view().map().node(waiting.nodeId()).map(NodeEntry::incarnation).orElse(0L);
        propose(
                context,
                new Decision.AddDevice(waiting.nodeId(), incarnation, waiting.device()),
                List.of(waiting.device().id()));
    }

    private void replace(RoutingContext context, UUID lost, DeviceRequest.Replace replace) {
        propose(context, new Decision.ReplaceDevice(lost, replace.by()), List.of(replace.by()));
    }

    private void withLeader(RoutingContext context, BiConsumer<RoutingContext, LeaderView> then) {
        Context here = vertx.getOrCreateContext();
        control.leaderView()
                .whenComplete((leader, failure) ->
                        here.runOnContext(ignored -> {
                            if (leader == null) {
                                Responses.problem(context, Problem.noLeader());
                            } else {
                                then.accept(context, leader);
                            }
                        }));
    }

    private void propose(RoutingContext context, Decision decision, List<UUID> ids) {
        changes.propose(context, decision, result -> answer(context, result.epoch(), ids));
    }

    private void answer(RoutingContext context, long epoch, List<UUID> ids) {
        List<ClusterJson.Device> devices =
                ClusterViews.of(control, null).devices().stream()
                        .filter(device -> ids.contains(device.id()))
                        .toList();
        Responses.json(context, 200, new ClusterJson.DeviceChange(epoch, devices));
    }
}
