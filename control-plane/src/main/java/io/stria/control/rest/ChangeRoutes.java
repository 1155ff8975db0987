package io.stria.control.rest;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import io.stria.control.decisions.Result.Outcome;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;

/** What can be changed of volumes. */
final class ChangeRoutes {
    static final long BODY_BYTES_MAX = 64 << 10;

    private final ControlAccess control;
    private final Changes changes;

    ChangeRoutes(ControlAccess control, Changes changes) {
        this.control = control;
        this.changes = changes;
    }

    void mount(Router api) {
        BodyHandler body = BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX);
        api.post("/volumes").handler(body).handler(this::create);
        api.delete("/volumes/:name").handler(this::delete);
    }

    private void create(RoutingContext context) {
        VolumeRequest request = changes.request(context, "/api/v1/volumes", VolumeRequest::parse);
        if (request != null) {
            changes.propose(
                    context,
                    request.decision(),
                    result -> created(context, request.name(), result));
        }
    }

    private void created(RoutingContext context, String name, Result result) {
        ClusterViews views = ClusterViews.of(control, null);
        int status = result.outcome() == Outcome.ALREADY ? 200 : 201;
        Responses.json(
                context,
                status,
                new ClusterJson.Change(result.epoch(), views.volume(name).orElse(null)));
    }

    private void delete(RoutingContext context) {
        changes.propose(
                context,
                new Decision.DeleteVolume(context.pathParam("name")),
                result ->
                        Responses.json(context, 202, new ClusterJson.Change(result.epoch(), null)));
    }
}
