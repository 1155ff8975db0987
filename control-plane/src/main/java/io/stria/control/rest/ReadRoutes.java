package io.stria.control.rest;

import io.stria.clustermap.NodeEntry;
import io.stria.control.consensus.DecisionLog.Leader;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What can be asked; any node answers from its newest map, and asks the leader for the rest. */
final class ReadRoutes {
    private final Vertx vertx;
    private final ControlAccess control;

    ReadRoutes(Vertx vertx, ControlAccess control) {
        this.vertx = vertx;
        this.control = control;
    }

    void mount(Router api) {
        api.get("/cluster").handler(context -> withLeader(context, this::cluster));
        api.get("/nodes")
                .handler(context ->
                        withLeader(context, (c, v) -> Responses.json(c, 200, v.nodes())));
        api.get("/nodes/:id/ok-to-stop").handler(context -> withLeader(context, this::okToStop));
        api.get("/devices")
                .handler(context ->
                        withLeader(context, (c, v) -> Responses.json(c, 200, v.devices())));
        api.get("/volumes")
                .handler(context ->
                        withLeader(context, (c, v) -> Responses.json(c, 200, v.volumes())));
        api.get("/volumes/:name").handler(context -> withLeader(context, this::volume));
        api.get("/volumes/:name/connect").handler(this::connect);
        api.get("/map").handler(context -> Responses.json(context, 200, control.view().map()));
        api.get("/leader").handler(this::leader);
    }

    private void withLeader(
            RoutingContext context, BiConsumer<RoutingContext, ClusterViews> answer) {
        withLeader(vertx, control, views -> answer.accept(context, views));
    }

    /** With what the leader knows, or without it when there is none. */
    static void withLeader(Vertx vertx, ControlAccess control, Consumer<ClusterViews> answer) {
        Context here = vertx.getOrCreateContext();
        control.leaderView()
                .handle((view, failure) -> failure == null ? view : null)
                .thenAccept(view ->
                        here.runOnContext(
                                ignored -> answer.accept(ClusterViews.of(control, view))));
    }

    private void cluster(RoutingContext context, ClusterViews views) {
        Responses.json(context, 200, views.cluster(control.view().inForceEpoch()));
    }

    private void volume(RoutingContext context, ClusterViews views) {
        found(context, views.volume(context.pathParam("name")));
    }

    private void okToStop(RoutingContext context, ClusterViews views) {
        NodeEntry node = NodeRoutes.member(context, control.view().map());
        if (node != null) {
            Responses.json(context, 200, views.okToStop(node.id()));
        }
    }

    private void connect(RoutingContext context) {
        found(context, ClusterViews.of(control, null).connect(context.pathParam("name")));
    }

    private static void found(RoutingContext context, Optional<?> value) {
        value.ifPresentOrElse(
                answer -> Responses.json(context, 200, answer),
                () ->
                        Responses.problem(
                                context,
                                Problem.notFound(
                                        "there is no volume " + context.pathParam("name"))));
    }

    private void leader(RoutingContext context) {
        ControlView view = control.view();
        Leader leader = view.leader();
        if (leader.nodeId() == 0) {
            Responses.problem(context, Problem.noLeader());
            return;
        }
        ClusterJson.Leader answer =
                view.map()
                        .node(leader.nodeId())
                        .map(node ->
                                new ClusterJson.Leader(
                                        node.id(), leader.term(), node.address(), node.apiPort()))
                        .orElseGet(() ->
                                new ClusterJson.Leader(leader.nodeId(), leader.term(), null, null));
        Responses.json(context, 200, answer);
    }
}
