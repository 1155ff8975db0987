package io.stria.control.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.stria.control.json.Json;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What members say to each other, and supervisors to them. */
final class MemberRoutes {
    static final String PREFIX = "/internal/v1";
    static final String MESSAGES = PREFIX + "/messages";
    static final String ATTEST = PREFIX + "/attest";
    static final String STANDSTILL = PREFIX + "/standstill";

    /** A supervisor's word of a process that it has started; what it says is in the path. */
    record Word(int nodeId, long incarnation) {}

    private final Vertx vertx;
    private final ControlAccess control;
    private final MessageAuth auth;
    private final int self;

    MemberRoutes(Vertx vertx, ControlAccess control, MessageAuth auth, int self) {
        this.vertx = vertx;
        this.control = control;
        this.auth = auth;
        this.self = self;
    }

    void mount(Router router) {
        BodyHandler body = BodyHandler.create(false).setBodyLimit(MessageCodec.BYTES_MAX);
        router.route(PREFIX + "/*").handler(this::signed);
        router.post(MESSAGES).handler(body).handler(this::messages);
        router.post(ATTEST).handler(body).handler(this::attest);
        router.post(STANDSTILL).handler(body).handler(this::standstill);
    }

    /**
     * Before any of the body is taken in: what strangers send takes no memory, however much it is.
     */
    private void signed(RoutingContext context) {
        HttpServerRequest request = context.request();
        MessageAuth.Headers headers = headers(request);
        String refusal = auth.refusal(request.path(), self, headers);
        if (refusal == null && !headers.fitLength(request.getHeader(HttpHeaders.CONTENT_LENGTH))) {
            refusal = "the request is of another length than was signed";
        }
        if (refusal == null) {
            context.next();
        } else {
            Responses.problem(context, Problem.notMember(refusal));
        }
    }

    private void messages(RoutingContext context) {
        byte[] body = genuineBody(context);
        if (body == null) {
            return;
        }
        List<Message> messages;
        int from;
        try {
            from = Integer.parseInt(context.request().getHeader(MessageAuth.FROM));
            messages = MessageCodec.decodeList(body);
        } catch (IOException | NumberFormatException e) {
            Responses.problem(context, Problem.badRequest("not messages of this version"));
            return;
        }
        HeldRequest request = new HeldRequest(vertx.getOrCreateContext(), context);
        if (messages.stream().noneMatch(Message::isQuestion)) {
            request.release();
        }
        control.deliver(from, messages, request);
    }

    private void attest(RoutingContext context) {
        Word word = word(context);
        if (word == null) {
            return;
        }
        Context here = vertx.getOrCreateContext();
        control.attestEnded(word.nodeId(), word.incarnation())
                .whenComplete((result, failure) ->
                        here.runOnContext(ignored -> {
                            if (result != null && result.accepted()) {
                                context.response().setStatusCode(204).end();
                            } else {
                                Responses.problem(context, Problem.noLeader());
                            }
                        }));
    }

    private void standstill(RoutingContext context) {
        Word word = word(context);
        if (word != null) {
            control.standsStill(word.nodeId(), word.incarnation());
            context.response().setStatusCode(204).end();
        }
    }

    /** Null, and answered, if it is none. */
    private @Nullable Word word(RoutingContext context) {
        byte[] body = genuineBody(context);
        if (body == null) {
            return null;
        }
        try {
            return Json.read(body, 0, body.length, Word.class);
        } catch (JsonProcessingException e) {
            Responses.problem(context, Problem.badRequest(e.getOriginalMessage()));
        } catch (IOException e) {
            Responses.problem(context, Problem.badRequest("not JSON"));
        }
        return null;
    }

    /** Null, and answered, if the body is not the one that was signed. */
    private byte @Nullable [] genuineBody(RoutingContext context) {
        Buffer buffer = context.body().buffer();
        byte[] body = buffer == null ? new byte[0] : buffer.getBytes();
        if (!headers(context.request()).fit(body)) {
            Responses.problem(context, Problem.notMember("the body is not what was signed"));
            return null;
        }
        return body;
    }

    private static MessageAuth.Headers headers(HttpServerRequest request) {
        return new MessageAuth.Headers(
                request.getHeader(MessageAuth.FROM),
                request.getHeader(MessageAuth.TO),
                request.getHeader(MessageAuth.TIME),
                request.getHeader(MessageAuth.NONCE),
                request.getHeader(MessageAuth.BODY),
                request.getHeader(MessageAuth.MAC));
    }
}
