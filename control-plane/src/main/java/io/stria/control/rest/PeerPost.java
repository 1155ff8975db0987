package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import io.stria.control.lease.Outbox;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
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
 * Sends messages to members over HTTP: all that the control thread has for one node in one go. A
 * message that does not get through is lost, as senders expect. Used by the control thread.
 */
public final class PeerPost implements Outbox {
    private static final Logger LOG = Logger.getLogger(PeerPost.class.getName());
    private static final int CONNECT_MS = 1_000;
    private static final int ANSWER_MS = 2_000;
    private static final int IDLE_SECONDS = 60;
    private static final int CONNECTIONS = 2;
    private static final int WAITING_MAX = 16;
    private static final int NONCE_BYTES = 16;

    private record Address(String host, int port) {}

    private final int self;
    private final Map<Integer, Address> atFirst = new HashMap<>();
    private final Supplier<ClusterMap> map;
    private final MessageAuth auth;
    private final BiConsumer<Integer, Message> toSelf;
    private final IntConsumer unreachable;
    private final HttpClient client;
    private final Context context;
    private final SecureRandom random = new SecureRandom();
    private final Map<Integer, List<Message>> waiting = new HashMap<>();

    /**
     * @param map newest map, for addresses
     * @param toSelf delivers what this node says to itself
     * @param unreachable told, on any thread, of nodes that cannot be connected to
     */
    public PeerPost(
            Vertx vertx,
            int self,
            Collection<NodeSpec> nodes,
            Supplier<ClusterMap> map,
            MessageAuth auth,
            BiConsumer<Integer, Message> toSelf,
            IntConsumer unreachable) {
        this.self = self;
        this.map = map;
        this.auth = auth;
        this.toSelf = toSelf;
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
            toSelf.accept(nodeId, message);
        } else {
            waiting.computeIfAbsent(nodeId, id -> new ArrayList<>()).add(message);
        }
    }

    /** Lets go what has gathered. */
    public void flush() {
        if (waiting.isEmpty()) {
            return;
        }
        waiting.forEach(this::post);
        waiting.clear();
    }

    private void post(int nodeId, List<Message> messages) {
        Address address = address(nodeId);
        if (address == null) {
            return;
        }
        byte[] body = MessageCodec.encode(messages);
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
                        .setTimeout(ANSWER_MS)
                        .putHeader("Content-Type", "application/json")
                        .putHeader(MessageAuth.FROM, headers.from())
                        .putHeader(MessageAuth.TO, headers.to())
                        .putHeader(MessageAuth.TIME, headers.time())
                        .putHeader(MessageAuth.NONCE, headers.nonce())
                        .putHeader(MessageAuth.MAC, headers.mac());
        context.runOnContext(ignored -> post(nodeId, options, Buffer.buffer(body)));
    }

    private void post(int nodeId, RequestOptions options, Buffer body) {
        client.request(options)
                .compose(request -> request.send(body))
                .compose(response -> finish(nodeId, response))
                .onFailure(failure -> unreachable.accept(nodeId));
    }

    private static Future<Void> finish(int nodeId, HttpClientResponse response) {
        if (response.statusCode() == 204) {
            return response.end();
        }
        return response.body()
                .onSuccess(body ->
                        LOG.warning(() ->
                                "node %d refuses messages: %d %s"
                                        .formatted(nodeId, response.statusCode(), body)))
                .mapEmpty();
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
