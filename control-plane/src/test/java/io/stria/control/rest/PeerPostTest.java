package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Node 1 asks node 2, which the test plays. */
@Timeout(300)
class PeerPostTest {
    private static final String ANSWER = "/internal/v1/messages/answer";
    private static final Message REPLY = new Message.Leads(7, 2);
    private static final Message REFUSED = new Message.Leads(8, 2);
    private static final List<Message> LAST = List.of(new Message.WhoLeads());

    private interface Responder {
        void respond(HttpServerRequest request);
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

    /** What is delivered first when these have answered one request after the other. */
    private Message firstDelivered(Responder... responders) throws Exception {
        Iterator<Responder> next = List.of(responders).iterator();
        HttpServer server =
                vertx.createHttpServer()
                        .requestHandler(request -> {
                            request.response().endHandler(ended -> answered.add(1));
                            next.next().respond(request);
                        })
                        .listen(0, "127.0.0.1")
                        .await();
        PeerPost post = post(server.actualPort());
        for (int i = 0; i < responders.length; i++) {
            post.send(2, new Message.WhoLeads());
            post.flush(0);
            assertEquals(1, answered.poll(60, TimeUnit.SECONDS));
        }
        return delivered.poll(60, TimeUnit.SECONDS);
    }

    /** Signed by that one, as what these give. */
    private static Responder answering(
            MessageAuth auth,
            Message reply,
            Function<HttpServerRequest, String> nonce,
            String path) {
        byte[] body = MessageCodec.encode(List.of(reply));
        return request -> respond(request, auth.sign(path, 2, 1, nonce.apply(request), body), body);
    }

    private Responder good() {
        return answering(member(), REPLY, PeerPostTest::nonce, ANSWER);
    }

    private MessageAuth member() {
        return new MessageAuth(secret, System::currentTimeMillis);
    }

    private static String nonce(HttpServerRequest request) {
        return request.getHeader(MessageAuth.NONCE);
    }

    @Test
    void anAnswerInTheResponseIsDelivered() throws Exception {
        assertEquals(REPLY, firstDelivered(good()));
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

    /**
     * What arrives at node 2 of these, in order of arrival as far as a request has several. It is
     * answered at once, and read later: a request that is not answered for two seconds is given up.
     */
    private List<Message> received(List<Message> sent, int count) throws Exception {
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        HttpServer server =
                vertx.createHttpServer()
                        .requestHandler(request ->
                                request.body()
                                        .onSuccess(body -> {
                                            arrived.add(body.getBytes());
                                            request.response().setStatusCode(204).end();
                                        }))
                        .listen(0, "127.0.0.1")
                        .await();
        PeerPost post = post(server.actualPort());
        // What all this needs is loaded then.
        assertEquals(LAST, sentAlone(post, arrived));
        sent.forEach(message -> post.send(2, message));
        post.flush(0);
        List<List<Message>> requests = new ArrayList<>();
        for (int got = 0; got < count; got += requests.getLast().size()) {
            requests.add(next(arrived));
        }
        assertEquals(LAST, sentAlone(post, arrived), "nothing else came before");
        // They go over several connections.
        requests.sort(Comparator.comparingInt(request -> sent.indexOf(request.getFirst())));
        return requests.stream().flatMap(List::stream).toList();
    }

    /** What arrives next after another message has been sent. */
    private static List<Message> sentAlone(PeerPost post, BlockingQueue<byte[]> arrived)
            throws Exception {
        post.send(2, LAST.getFirst());
        post.flush(0);
        return next(arrived);
    }

    private static List<Message> next(BlockingQueue<byte[]> arrived) throws Exception {
        byte[] body = arrived.poll(60, TimeUnit.SECONDS);
        assertNotNull(body, "no more requests have come");
        assertTrue(body.length <= MessageCodec.BYTES_MAX);
        return MessageCodec.decodeList(body);
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
        Responder bad = answering(stranger, REFUSED, PeerPostTest::nonce, ANSWER);
        assertEquals(REPLY, firstDelivered(bad, good()));
    }

    @Test
    void anAnswerToAnotherRequestIsNot() throws Exception {
        Responder bad = answering(member(), REFUSED, request -> "other", ANSWER);
        assertEquals(REPLY, firstDelivered(bad, good()));
    }

    @Test
    void aRequestOfTheOtherNodeDoesNotPassForAnAnswer() throws Exception {
        Responder bad = answering(member(), REFUSED, PeerPostTest::nonce, MemberRoutes.MESSAGES);
        assertEquals(REPLY, firstDelivered(bad, good()));
    }
}
