package io.stria.control.rest;

import io.stria.control.decisions.Decision;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;

/** What is set for the whole cluster: decided as all else, and known to the leader. */
final class SettingsRoutes {
    private static final String PATH = "/settings";

    private final Vertx vertx;
    private final ControlAccess control;
    private final Changes changes;

    SettingsRoutes(Vertx vertx, ControlAccess control, Changes changes) {
        this.vertx = vertx;
        this.control = control;
        this.changes = changes;
    }

    void mount(Router api) {
        BodyHandler body = BodyHandler.create(false).setBodyLimit(ChangeRoutes.BODY_BYTES_MAX);
        api.get(PATH).handler(this::show);
        api.post(PATH).handler(body).handler(this::change);
    }

    private void show(RoutingContext context) {
        Context here = vertx.getOrCreateContext();
        control.leaderView()
                .whenComplete((leader, failure) ->
                        here.runOnContext(ignored -> {
                            if (leader == null) {
                                Responses.problem(context, Problem.noLeader());
                            } else {
                                answer(context, leader.rebuildAfterSeconds());
                            }
                        }));
    }

    private void change(RoutingContext context) {
        SettingsRequest request =
                changes.request(context, "/api/v1" + PATH, SettingsRequest::parse);
        if (request != null) {
            changes.propose(
                    context,
                    new Decision.SetRebuildAfter(request.rebuildAfterSeconds()),
                    result -> answer(context, request.rebuildAfterSeconds()));
        }
    }

    private static void answer(RoutingContext context, long rebuildAfterSeconds) {
        Responses.json(context, 200, new ClusterJson.Settings(rebuildAfterSeconds));
    }
}
