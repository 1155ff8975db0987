package io.stria.control.rest;

import io.stria.control.decisions.Result;
import io.stria.control.decisions.Result.Outcome;

/** An error as RFC 9457 writes it, {@code application/problem+json}. */
public record Problem(String type, String title, int status, String detail) {
    static final String MEDIA_TYPE = "application/problem+json";

    private static Problem of(String kind, String title, int status, String detail) {
        return new Problem("urn:stria:problem:" + kind, title, status, detail);
    }

    static Problem badRequest(String detail) {
        return of("bad-request", "The request cannot be understood", 400, detail);
    }

    static Problem notMember(String detail) {
        return of("not-a-member", "Only members of the cluster may ask this", 401, detail);
    }

    static Problem notFound(String detail) {
        return of("not-found", "There is no such thing", 404, detail);
    }

    static Problem methodNotAllowed() {
        return of(
                "method-not-allowed",
                "Not with this method",
                405,
                "/api/v1/openapi.yaml says which there are");
    }

    static Problem tooLarge() {
        return of("too-large", "The body is too large", 413, "");
    }

    static Problem mediaType() {
        return of(
                "media-type",
                "The body must be application/json",
                415,
                "send Content-Type: application/json");
    }

    static Problem internal() {
        return of("internal", "Something went wrong here", 500, "the node's log says what");
    }

    static Problem noLeader() {
        return of("no-leader", "No leader answers", 503, "ask again in a moment");
    }

    static Problem busy() {
        return of(
                "busy", "Not now", 503, "many changes are being asked for: ask again in a moment");
    }

    /** Of a change that was not accepted. */
    static Problem of(Result result) {
        Outcome outcome = result.outcome();
        return switch (outcome) {
            case INVALID -> badRequest(result.detail());
            case NOT_FOUND -> notFound(result.detail());
            case CONFLICT, STALE ->
                    of("conflict", "Something that exists stands against it", 409, result.detail());
            case INFEASIBLE ->
                    of("infeasible", "This cluster cannot hold it", 422, result.detail());
            case NOT_READY -> of("not-ready", "Not yet", 503, result.detail());
            case INTERNAL, DONE, ALREADY -> internal();
        };
    }
}
