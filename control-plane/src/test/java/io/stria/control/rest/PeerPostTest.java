package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import io.stria.control.security.ClusterSecret;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Node 1 asks node 2, which the test plays. */
class PeerPostTest {
    private static final String ANSWER = "/internal/v1/messages/answer";
    private static final Message REPLY = new Message.Leads(7, 2);

    private interface Responder {
        void respond(HttpServerRequest request, MessageAuth auth, byte[] body);
    }

    private final Vertx vertx = Vertx.vertx();
    private final ClusterSecret secret = ClusterSecret.random();
    private final BlockingQueue<Message> delivered = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> answered = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private static void respond(
            HttpServerRequest request, MessageAuth.Headers headers, byte[] body) {
        request.response()
                .putHeader(MessageAuth.TIME, headers.time())
                .putHeader(MessageAuth.MAC, headers.mac())
                .end(Buffer.buffer(body));
    }

    private void ask(MessageAuth serverAuth, Responder responder) throws InterruptedException {
        byte[] body = MessageCodec.encode(List.of(REPLY));
        HttpServer server =
                vertx.createHttpServer()
                        .requestHandler(request -> {
                            request.response().endHandler(ended -> answered.add(1));
                            responder.respond(request, serverAuth, body);
                        })
                        .listen(0, "127.0.0.1")
                        .await();
        NodeSpec node = new NodeSpec(2, "127.0.0.1", 4420, server.actualPort(), 98, "", "", true);
        PeerPost post =
                new PeerPost(
                        vertx,
                        1,
                        List.of(node),
                        () -> ClusterState.empty().map(),
                        new MessageAuth(secret, System::currentTimeMillis),
                        (from, message) -> delivered.add(message),
                        nodeId -> {});
        post.send(2, new Message.WhoLeads());
        post.flush(0);
        assertEquals(1, answered.poll(20, TimeUnit.SECONDS));
    }

    private MessageAuth member() {
        return new MessageAuth(secret, System::currentTimeMillis);
    }

    private static String nonce(HttpServerRequest request) {
        return request.getHeader(MessageAuth.NONCE);
    }

    @Test
    void anAnswerInTheResponseIsDelivered() throws Exception {
        ask(
                member(),
                (request, auth, body) ->
                        respond(request, auth.sign(ANSWER, 2, 1, nonce(request), body), body));
        assertEquals(REPLY, delivered.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void aStrangersAnswerIsNot() throws Exception {
        MessageAuth stranger = new MessageAuth(ClusterSecret.random(), System::currentTimeMillis);
        ask(
                stranger,
                (request, auth, body) ->
                        respond(request, auth.sign(ANSWER, 2, 1, nonce(request), body), body));
        assertNull(delivered.poll(300, TimeUnit.MILLISECONDS));
    }

    @Test
    void anAnswerToAnotherRequestIsNot() throws Exception {
        ask(
                member(),
                (request, auth, body) ->
                        respond(request, auth.sign(ANSWER, 2, 1, "other", body), body));
        assertNull(delivered.poll(300, TimeUnit.MILLISECONDS));
    }

    @Test
    void aRequestOfTheOtherNodeDoesNotPassForAnAnswer() throws Exception {
        ask(
                member(),
                (request, auth, body) ->
                        respond(
                                request,
                                auth.sign(MemberRoutes.MESSAGES, 2, 1, nonce(request), body),
                                body));
        assertNull(delivered.poll(300, TimeUnit.MILLISECONDS));
    }
}
