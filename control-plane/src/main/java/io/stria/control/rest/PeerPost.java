package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import io.stria.control.lease.Outbox;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages to members over HTTP: all that the control thread has for one node in one go, as
 * far as a request takes it, and answers in the response to a request of that node where one waits.
 * A message that does not get through is lost, as senders expect. Used by the control thread.
 */
public final class PeerPost implements Outbox {
    private static final Logger LOG = Logger.getLogger(PeerPost.class.getName());
    private static final int CONNECT_MS = 1_000;
    private static final int SILENCE_MS = 2_000;
    private static final int ANSWER_MS = 5_000;
    private static final int IDLE_SECONDS = 60;
    private static final int CONNECTIONS = 4; // one of them may be held by the other side
    private static final long HOLD_NS = 400_000_000L;
    private static final int WAITING_MAX = 16;
    private static final int NONCE_BYTES = 16;

    /** Of answers that are not signed for yet: two that are as long as they may be. */
    private static final int UNKNOWN_BYTES_MAX = 2 * MessageCodec.BYTES_MAX;

    private static final int REFUSAL_BYTES_MAX = 16 << 10;
    private static final int REFUSAL_CHARS_MAX = 200;

    /** Signed for as another path than requests, so that neither passes for the other. */
    private static final String ANSWER = MemberRoutes.MESSAGES + "/answer";

    private record Address(String host, int port) {}

    private record Held(HeldRequest request, long sinceNs) {}

    private final int self;
    private final Map<Integer, Address> atFirst = new HashMap<>();
    private final Supplier<ClusterMap> map;
    private final MessageAuth auth;
    private final BiConsumer<Integer, Message> deliver;
    private final IntConsumer unreachable;
    private final Vertx vertx;
    private final HttpClient client;
    private final Context context;
    private final AnswerReader reader = new AnswerReader(UNKNOWN_BYTES_MAX);
    private final SecureRandom random = new SecureRandom();
    private final Map<Integer, List<Message>> waiting = new HashMap<>();
    private final Map<Integer, Held> held = new HashMap<>();

    /**
     * @param map newest map, for addresses
     * @param deliver takes, on any thread, what others answer and what this node says to itself
     * @param unreachable told, on any thread, of nodes that cannot be connected to
     */
    public PeerPost(
            Vertx vertx,
            int self,
            Collection<NodeSpec> nodes,
            Supplier<ClusterMap> map,
            MessageAuth auth,
            BiConsumer<Integer, Message> deliver,
            IntConsumer unreachable) {
        this.vertx = vertx;
        this.self = self;
        this.map = map;
        this.auth = auth;
        this.deliver = deliver;
        this.unreachable = unreachable;
        nodes.forEach(node -> atFirst.put(node.id(), new Address(node.address(), node.apiPort())));
        context = vertx.getOrCreateContext();
        client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setConnectTimeout(CONNECT_MS)
                                .setKeepAliveTimeout(IDLE_SECONDS)
                                .setTcpNoDelay(true),
                        new PoolOptions()
                                .setHttp1MaxSize(CONNECTIONS)
                                .setMaxWaitQueueSize(WAITING_MAX));
    }

    @Override
    public void send(int nodeId, Message message) {
        if (nodeId == self) {
            deliver.accept(nodeId, message);
        } else {
            List<Message> messages = waiting.computeIfAbsent(nodeId, id -> new ArrayList<>());
            if (message instanceof Message.NewMap) {
                // A map is whole: who gets this one needs none that was to go with it.
                messages.removeIf(older -> older instanceof Message.NewMap);
            }
            messages.add(message);
        }
    }

    /**
     * Answers to this node's messages may go into the response to its request: for a moment, and
     * until its next one.
     */
    public void hold(int nodeId, HeldRequest request, long nowNs) {
        if (!request.isAnswered()) {
            Held before = held.put(nodeId, new Held(request, nowNs));
            if (before != null) {
                before.request.release();
            }
        }
    }

    /** Lets go what has gathered. */
    public void flush(long nowNs) {
        waiting.forEach((nodeId, messages) -> {
            boolean asks = messages.stream().anyMatch(Message::isQuestion);
            for (byte[] body : MessageCodec.encodeInParts(messages)) {
                if (body.length > MessageCodec.BYTES_MAX) {
                    LOG.severe(() ->
                            "a message of %d bytes for node %d is not sent: %d are taken"
                                    .formatted(body.length, nodeId, MessageCodec.BYTES_MAX));
                } else if (asks || !answer(nodeId, body)) {
                    post(nodeId, body);
                }
            }
        });
        waiting.clear();
        held.values().removeIf(request -> isOver(request, nowNs));
    }

    private static boolean isOver(Held held, long nowNs) {
        boolean over = nowNs - held.sinceNs >= HOLD_NS;
        if (over) {
            held.request.release();
        }
        return over;
    }

    private boolean answer(int nodeId, byte[] body) {
        Held open = held.remove(nodeId);
        if (open == null) {
            return false;
        }
        HeldRequest request = open.request;
        return request.answer(auth.sign(ANSWER, self, nodeId, request.nonce(), body), body);
    }

    private void post(int nodeId, byte[] body) {
        Address address = address(nodeId);
        if (address == null) {
            return;
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        MessageAuth.Headers headers =
                auth.sign(
                        MemberRoutes.MESSAGES, self, nodeId, HexFormat.of().formatHex(nonce), body);
        RequestOptions options =
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setHost(address.host)
                        .setPort(address.port)
                        .setURI(MemberRoutes.MESSAGES)
                        .setTimeout(SILENCE_MS)
                        .putHeader("Content-Type", "application/json")
                        .putHeader(MessageAuth.FROM, headers.from())
                        .putHeader(MessageAuth.TO, headers.to())
                        .putHeader(MessageAuth.TIME, headers.time())
                        .putHeader(MessageAuth.NONCE, headers.nonce())
                        .putHeader(MessageAuth.BODY, headers.body())
                        .putHeader(MessageAuth.MAC, headers.mac());
        String drawn = String.valueOf(headers.nonce());
        context.runOnContext(ignored -> post(nodeId, options, drawn, Buffer.buffer(body)));
    }

    private void post(int nodeId, RequestOptions options, String nonce, Buffer body) {
        client.request(options)
                .compose(request -> exchange(nodeId, nonce, request, body))
                .onFailure(failure -> unreachable.accept(nodeId));
    }

    /** Whoever sends a little now and then is not silent: this ends, too. */
    private Future<Void> exchange(
            int nodeId, String nonce, HttpClientRequest request, Buffer body) {
        long deadline = vertx.setTimer(ANSWER_MS, id -> request.reset());
        return request.send(body)
                .compose(response -> finish(nodeId, nonce, response))
                .onComplete(done -> vertx.cancelTimer(deadline));
    }

    private Future<Void> finish(int nodeId, String nonce, HttpClientResponse response) {
        if (response.statusCode() == 204) {
            return response.end();
        }
        if (response.statusCode() == 200) {
            return reader.read(response, MessageCodec.BYTES_MAX)
                    .onSuccess(body -> takeAnswer(nodeId, nonce, response, body.getBytes()))
                    .mapEmpty();
        }
        return reader.read(response, REFUSAL_BYTES_MAX)
                .onComplete(body ->
                        LOG.warning(() ->
                                "node %d refuses messages: %d %s"
                                        .formatted(nodeId, response.statusCode(), shown(body))))
                .mapEmpty();
    }

    private static String shown(AsyncResult<Buffer> body) {
        return body.succeeded()
                ? Audit.printable(body.result().toString(), REFUSAL_CHARS_MAX)
                : String.valueOf(body.cause().getMessage());
    }

    private void takeAnswer(int nodeId, String nonce, HttpClientResponse response, byte[] body) {
        MessageAuth.Headers headers =
                new MessageAuth.Headers(
                        Integer.toString(nodeId),
                        Integer.toString(self),
                        response.getHeader(MessageAuth.TIME),
                        nonce,
                        MessageAuth.describe(body),
                        response.getHeader(MessageAuth.MAC));
        String refusal = auth.refusal(ANSWER, self, headers);
        if (refusal != null) {
            LOG.warning(() -> "an answer of node %d is refused: %s".formatted(nodeId, refusal));
            return;
        }
        try {
            MessageCodec.decodeList(body).forEach(message -> deliver.accept(nodeId, message));
        } catch (IOException e) {
            LOG.warning(() -> "node %d answers in another version".formatted(nodeId));
        }
    }

    private @Nullable Address address(int nodeId) {
        return map.get().node(nodeId).map(PeerPost::address).orElseGet(() -> atFirst.get(nodeId));
    }

    private static Address address(NodeEntry node) {
        return new Address(node.address(), node.apiPort());
    }

    public Future<Void> close() {
        return client.close();
    }
}
