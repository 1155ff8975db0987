package io.stria.control.rest;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;

/**
 * A member's request with messages, whose response may carry the answers: that saves them a request
 * of their own. It is answered once; later words do nothing. Any thread may use it.
 */
public final class HeldRequest {
    private final Context here;
    private final RoutingContext request;
    private boolean answered;

    HeldRequest(Context here, RoutingContext request) {
        this.here = here;
        this.request = request;
    }

    /** What the response is signed for, so that it answers this request and no other. */
    String nonce() {
        return request.request().getHeader(MessageAuth.NONCE);
    }

    /** False if it is too late: the request is answered, or its sender has gone. */
    boolean answer(MessageAuth.Headers headers, byte[] body) {
        if (!takeTurn()) {
            return false;
        }
        here.runOnContext(ignored ->
                request.response()
                        .putHeader("Content-Type", "application/json")
                        .putHeader(MessageAuth.TIME, headers.time())
                        .putHeader(MessageAuth.MAC, headers.mac())
                        .end(Buffer.buffer(body)));
        return true;
    }

    /** There is no answer, or not yet. */
    void release() {
        if (takeTurn()) {
            here.runOnContext(ignored -> request.response().setStatusCode(204).end());
        }
    }

    private synchronized boolean takeTurn() {
        if (answered || request.response().closed()) {
            return false;
        }
        answered = true;
        return true;
    }

    synchronized boolean isAnswered() {
        return answered;
    }
}
