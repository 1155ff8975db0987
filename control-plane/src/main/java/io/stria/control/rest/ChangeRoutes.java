package io.stria.control.rest;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import io.stria.control.decisions.Result.Outcome;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.function.Consumer;
import java.util.logging.Logger;

/** What can be changed; each change goes to the leader and is logged, whatever comes of it. */
final class ChangeRoutes {
    private static final Logger AUDIT = Logger.getLogger("stria.audit");
    private static final long BODY_BYTES_MAX = 64 << 10;

    private final Vertx vertx;
    private final ControlAccess control;
    private final RequestCheck check;

    ChangeRoutes(Vertx vertx, ControlAccess control, RequestCheck check) {
        this.vertx = vertx;
        this.control = control;
        this.check = check;
    }

    void mount(Router api) {
        BodyHandler body = BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX);
        api.post("/volumes").handler(body).handler(this::create);
        api.delete("/volumes/:name").handler(this::delete);
    }

    private void create(RoutingContext context) {
        String mediaType = context.request().getHeader("Content-Type");
        if (mediaType == null || !mediaType.startsWith("application/json")) {
            Responses.problem(context, Problem.mediaType());
            return;
        }
        Buffer buffer = context.body().buffer();
        byte[] body = buffer == null ? new byte[0] : buffer.getBytes();
        VolumeRequest request;
        try {
            request = VolumeRequest.parse(body);
        } catch (IllegalArgumentException e) {
            Responses.problem(context, Problem.badRequest(String.valueOf(e.getMessage())));
            return;
        }
        String misfit = check.refusal("/api/v1/volumes", body);
        if (misfit != null) {
            Responses.problem(context, Problem.badRequest(misfit));
            return;
        }
        change(context, request.decision(), result -> created(context, request.name(), result));
    }

    private void created(RoutingContext context, String name, Result result) {
        ClusterViews views = new ClusterViews(control.view().map(), null);
        int status = result.outcome() == Outcome.ALREADY ? 200 : 201;
        Responses.json(
                context,
                status,
                new ClusterJson.Change(result.epoch(), views.volume(name).orElse(null)));
    }

    private void delete(RoutingContext context) {
        change(
                context,
                new Decision.DeleteVolume(context.pathParam("name")),
                result ->
                        Responses.json(context, 202, new ClusterJson.Change(result.epoch(), null)));
    }

    private void change(RoutingContext context, Decision decision, Consumer<Result> accepted) {
        Context here = vertx.getOrCreateContext();
        control.change(decision)
                .whenComplete((result, failure) -> {
                    audit(context, result == null ? "failed" : result.toString());
                    here.runOnContext(ignored -> {
                        if (result == null) {
                            Responses.problem(context, Problem.internal());
                        } else if (result.accepted()) {
                            accepted.accept(result);
                        } else {
                            Responses.problem(context, Problem.of(result));
                        }
                    });
                });
    }

    private static void audit(RoutingContext context, String outcome) {
        AUDIT.info(() ->
                "%s %s from %s: %s"
                        .formatted(
                                context.request().method(),
                                context.request().path(),
                                context.request().remoteAddress(),
                                outcome));
    }
}
