package io.stria.control.rest;

import io.stria.control.json.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** Writes answers. */
final class Responses {
    private static final String JSON = "application/json";

    private Responses() {}

    static void json(RoutingContext context, int status, Object value) {
        end(context, status, JSON, Buffer.buffer(Json.write(value)));
    }

    static void problem(RoutingContext context, Problem problem) {
        Audit.answered(context, problem);
        if (problem.status() == 503) {
            context.response().putHeader("Retry-After", "1");
        }
        end(context, problem.status(), Problem.MEDIA_TYPE, Buffer.buffer(Json.write(problem)));
    }

    static void end(RoutingContext context, int status, String mediaType, Buffer body) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(status)
                .putHeader("Content-Type", mediaType)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(body);
    }
}
