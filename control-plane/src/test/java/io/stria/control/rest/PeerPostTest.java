package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import io.stria.control.security.ClusterSecret;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
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
        PeerPost post = post(server.actualPort());
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

    /** Node 2 takes in no longer ones: all of it was lost, and sent again as long. */
    @Test
    void whatIsTooLongForOneRequestGoesInSeveral() throws Exception {
        String third = "x".repeat(MessageCodec.BYTES_MAX / 3);
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            sent.add(new Message.Propose(i, new Decision.FailDevices(List.of(), i + third)));
            sent.add(new Message.Confirm(1, i));
        }
        assertEquals(sent, received(sent, sent.size()));
    }

    @Test
    void ofTwoMapsThatGoTogetherTheNewerOneIsEnough() throws Exception {
        ClusterMap older = ClusterMap.initial(new UUID(5, 5), 8);
        ClusterMap newer = older.next(older.nodes(), older.slots(), older.volumes());
        Message leads = new Message.Leads(3, 1);
        Message last = new Message.NewMap(3, newer, 1);
        assertEquals(
                List.of(leads, last),
                received(List.of(new Message.NewMap(3, older, 1), leads, last), 2));
    }

    /** What arrives at node 2 of these, in order of arrival as far as a request has several. */
    private List<Message> received(List<Message> sent, int count) throws Exception {
        BlockingQueue<List<Message>> arrived = new LinkedBlockingQueue<>();
        HttpServer server =
                vertx.createHttpServer()
                        .requestHandler(request ->
                                request.body()
                                        .onSuccess(body -> {
                                            assertTrue(body.length() <= MessageCodec.BYTES_MAX);
                                            arrived.add(decoded(body.getBytes()));
                                            request.response().setStatusCode(204).end();
                                        }))
                        .listen(0, "127.0.0.1")
                        .await();
        PeerPost post = post(server.actualPort());
        sent.forEach(message -> post.send(2, message));
        post.flush(0);
        List<List<Message>> requests = new ArrayList<>();
        for (int got = 0; got < count; got += requests.getLast().size()) {
            List<Message> next = arrived.poll(20, TimeUnit.SECONDS);
            assertNotNull(next, () -> requests.size() + " requests have come");
            requests.add(next);
        }
        assertNull(arrived.poll(200, TimeUnit.MILLISECONDS));
        // They go over several connections.
        requests.sort(Comparator.comparingInt(request -> sent.indexOf(request.getFirst())));
        return requests.stream().flatMap(List::stream).toList();
    }

    private static List<Message> decoded(byte[] body) {
        try {
            return MessageCodec.decodeList(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PeerPost post(int port) {
        NodeSpec node = new NodeSpec(2, "127.0.0.1", 4420, port, 98, "", "", true);
        return new PeerPost(
                vertx,
                1,
                List.of(node),
                () -> ClusterState.empty().map(),
                new MessageAuth(secret, System::currentTimeMillis),
                (from, message) -> delivered.add(message),
                nodeId -> {});
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
