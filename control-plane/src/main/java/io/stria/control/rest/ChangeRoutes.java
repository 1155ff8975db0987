package io.stria.control.rest;

import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import io.stria.control.decisions.Result.Outcome;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Optional;
import java.util.function.Consumer;

/** What can be changed of volumes. */
final class ChangeRoutes {
    static final long BODY_BYTES_MAX = 64 << 10;
    private static final int LOOKS = 10;
    private static final long LOOK_MS = 50;

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

    /**
     * The name is looked up once, here: what is proposed late is about this volume and no other.
     */
    private void delete(RoutingContext context) {
        String name = context.pathParam("name");
        ifThere(
                context,
                name,
                LOOKS,
                volume ->
                        changes.propose(
                                context,
                                new Decision.DeleteVolume(name, volume.id()),
                                result ->
                                        Responses.json(
                                                context,
                                                202,
                                                new ClusterJson.Change(result.epoch(), null))));
    }

    /** One that was made through another node may be on its way here. */
    private void ifThere(
            RoutingContext context, String name, int looks, Consumer<VolumeEntry> then) {
        Optional<VolumeEntry> volume =
                control.view().map().volumes().stream()
                        .filter(entry -> entry.name().equals(name))
                        .findFirst();
        if (volume.isPresent()) {
            then.accept(volume.get());
        } else if (looks > 1) {
            context.vertx().setTimer(LOOK_MS, timer -> ifThere(context, name, looks - 1, then));
        } else {
            Responses.problem(
                    context,
                    Problem.of(new Result(Outcome.NOT_FOUND, 0, "there is no volume " + name)));
        }
    }
}
