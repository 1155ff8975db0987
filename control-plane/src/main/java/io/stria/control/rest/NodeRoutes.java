package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result.Outcome;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can be done with a node itself; what is done with its devices: {@link DeviceRoutes}. */
final class NodeRoutes {
    private final ControlAccess control;
    private final Changes changes;

    NodeRoutes(ControlAccess control, Changes changes) {
        this.control = control;
        this.changes = changes;
    }

    void mount(Router api) {
        api.post("/nodes/:id/remove").handler(DeviceRoutes.body()).handler(this::remove);
    }

    private void remove(RoutingContext context) {
        if (changes.request(context, "/api/v1/nodes/{id}/remove", DeviceRequest.Plain::parse)
                == null) {
            return;
        }
        Optional<NodeEntry> node = named(context, control.view().map());
        if (node.isEmpty()) {
            Responses.problem(context, noNode(context));
            return;
        }
        int id = node.get().id();
        changes.propose(
                context,
                new Decision.RemoveNode(id, node.get().incarnation()),
                result ->
                        Responses.json(
                                context,
                                200,
                                new ClusterJson.NodeRemoval(
                                        result.epoch(), id, result.outcome() == Outcome.ALREADY)));
    }

    /** The node that the path names; null, and answered, if it is none, or none any more. */
    static @Nullable NodeEntry member(RoutingContext context, ClusterMap map) {
        Optional<NodeEntry> node = named(context, map);
        if (node.isEmpty()) {
            Responses.problem(context, noNode(context));
            return null;
        }
        int id = node.get().id();
        if (map.isRemoved(id)) {
            Responses.problem(context, Problem.notFound(Decision.RemoveNode.sentence(id)));
            return null;
        }
        return node.get();
    }

    private static Optional<NodeEntry> named(RoutingContext context, ClusterMap map) {
        return map.nodes().stream()
                .filter(node -> Integer.toString(node.id()).equals(context.pathParam("id")))
                .findFirst();
    }

    private static Problem noNode(RoutingContext context) {
        return Problem.notFound("there is no node " + context.pathParam("id"));
    }
}
