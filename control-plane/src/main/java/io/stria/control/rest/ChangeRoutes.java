package io.stria.control.rest;

import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
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
    private static final String SCRUB_NOTE =
            "a pass that is under way goes on; if the owner changes before the end, the request is"
                    + " lost: ask again";

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
        api.post("/volumes/:name/scrub").handler(body).handler(this::scrub);
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
        int status = result.outcome() == Outcome.ALREADY ? 200 : 201;
        ReadRoutes.withLeader(
                context.vertx(),
                control,
                views ->
                        Responses.json(
                                context,
                                status,
                                new ClusterJson.Change(
                                        result.epoch(), views.created(name).orElse(null))));
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

    /** No decision: the owner that gets it forgets it when it ends. */
    private void scrub(RoutingContext context) {
        String name = context.pathParam("name");
        if (changes.request(context, "/api/v1/volumes/{name}/scrub", DeviceRequest.Plain::parse)
                == null) {
            return;
        }
        ifThere(
                context,
                name,
                LOOKS,
                volume -> {
                    if (volume.state() != VolumeState.ONLINE) {
                        String deleted = "volume " + name + " is being deleted";
                        Responses.problem(
                                context, Problem.of(new Result(Outcome.CONFLICT, 0, deleted)));
                        return;
                    }
                    ClusterJson.ScrubTaken taken =
                            new ClusterJson.ScrubTaken(
                                    name, volume.owner(), volume.epoch(), SCRUB_NOTE);
                    changes.whenAccepted(
                            context,
                            "scrub by the owner of epoch " + volume.epoch(),
                            control.scrub(volume),
                            result -> Responses.json(context, 202, taken));
                });
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
