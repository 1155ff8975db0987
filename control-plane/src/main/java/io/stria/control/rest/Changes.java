package io.stria.control.rest;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes changes to the leader; what is asked for is logged with what comes of it, see {@link
 * Audit}. Used on the event loop.
 */
final class Changes {
    /** Requests whose bodies may be here at once: anybody may send some, and slowly. */
    static final int UNDER_WAY_MAX = 64;

    private static final String ADMITTED = "stria.changes.admitted";

    private final Vertx vertx;
    private final ControlAccess control;
    private final RequestCheck check;
    private int underWay;

    Changes(Vertx vertx, ControlAccess control, RequestCheck check) {
        this.vertx = vertx;
        this.control = control;
        this.check = check;
    }

    /** Before a body is taken in: goes on unless too many are under way. */
    void admit(RoutingContext context) {
        // As a route for this method alone it would turn a path that is not there into a wrong
        // method.
        if (!context.request().method().equals(HttpMethod.POST)) {
            context.next();
            return;
        }
        if (underWay >= UNDER_WAY_MAX) {
            Responses.problem(context, Problem.busy());
            return;
        }
        underWay++;
        context.put(ADMITTED, true);
        context.addEndHandler(ignored -> release(context));
        context.next();
    }

    private void release(RoutingContext context) {
        if (context.remove(ADMITTED) != null) {
            underWay--;
        }
    }

    /** Reads what a body asks for; what is wrong with it is the exception's message. */
    interface Reader<T> {
        T read(byte[] body) throws IllegalArgumentException;
    }

    /**
     * What the body asks for; null, and answered, if it cannot be read.
     *
     * @param path as the API's description has it
     */
    <T> @Nullable T request(RoutingContext context, String path, Reader<T> reader) {
        String mediaType = context.request().getHeader("Content-Type");
        if (mediaType == null || !mediaType.startsWith("application/json")) {
            Responses.problem(context, Problem.mediaType());
            return null;
        }
        Buffer buffer = context.body().buffer();
        byte[] body = buffer == null ? new byte[0] : buffer.getBytes();
        // What waits for a leader does so without its body, and keeps nobody else out.
        ((RoutingContextInternal) context).setBody(null);
        release(context);
        T request;
        try {
            request = reader.read(body);
        } catch (IllegalArgumentException e) {
            Responses.problem(context, Problem.badRequest(String.valueOf(e.getMessage())));
            return null;
        }
        String misfit = check.refusal(path, body);
        if (misfit != null) {
            Responses.problem(context, Problem.badRequest(misfit));
            return null;
        }
        return request;
    }

    /** Answers with a problem if it is refused. */
    void propose(RoutingContext context, Decision decision, Consumer<Result> accepted) {
        whenAccepted(context, decision, control.change(decision), accepted);
    }

    /**
     * The same for what needs no decision.
     *
     * @param what was asked for, for the log
     */
    void whenAccepted(
            RoutingContext context,
            Object what,
            CompletableFuture<Result> asked,
            Consumer<Result> accepted) {
        Context here = vertx.getOrCreateContext();
        Audit.asked(context);
        asked.whenComplete((result, failure) -> {
            Audit.outcome(context, what, result == null ? "failed" : result.toString());
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
}
