package io.stria.control.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.stria.control.decisions.Result;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import io.stria.control.security.ClusterSecret;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Members' messages at the REST port of node 2: who may have it take a body in. A stranger is
 * answered when the headers have come, and not one byte of the body.
 */
@Timeout(300)
class StrangersBodyTest {
    private static final int SELF = 2;
    private static final byte[] BODY = MessageCodec.encode(List.of(new Message.WhoLeads()));

    private final Vertx vertx = Vertx.vertx();
    private final StubControl control = new StubControl();
    private final ClusterSecret secret = ClusterSecret.random();
    private int port;

    @BeforeEach
    void listen() {
        RestServer server =
                new RestServer(
                        vertx,
                        SELF,
                        control,
                        new MessageAuth(secret, System::currentTimeMillis),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        port = server.listen("127.0.0.1", 0).await();
    }

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private static MessageAuth.Headers signed(ClusterSecret by, String nonce, byte[] body) {
        return new MessageAuth(by, System::currentTimeMillis)
                .sign(MemberRoutes.MESSAGES, 1, SELF, nonce, body);
    }

    private static String head(MessageAuth.Headers headers, String lengthLine) {
        return """
        POST %s HTTP/1.1
        Host: node
        Content-Type: application/json
        %s
        Stria-From: %s
        Stria-To: %s
        Stria-Time: %s
        Stria-Nonce: %s
        Stria-Body: %s
        Stria-Mac: %s

        """
                .formatted(
                        MemberRoutes.MESSAGES,
                        lengthLine,
                        headers.from(),
                        headers.to(),
                        headers.time(),
                        headers.nonce(),
                        headers.body(),
                        headers.mac())
                .replace("\n", "\r\n");
    }

    private static String length(long bytes) {
        return "Content-Length: " + bytes;
    }

    /** What is answered to these bytes and no more. */
    private String answer(String head, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(head.getBytes(US_ASCII));
            socket.getOutputStream().write(body);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                answer.write(next);
                String sofar = answer.toString(US_ASCII);
                if (sofar.endsWith("}") || sofar.startsWith("HTTP/1.1 204") && next == '\n') {
                    return sofar;
                }
            }
            return answer.toString(US_ASCII);
        }
    }

    private void assertRefused(String reason, String head) throws IOException {
        String answer = answer(head, new byte[0]);
        assertTrue(answer.startsWith("HTTP/1.1 401"), answer);
        assertTrue(answer.contains(reason), answer);
        assertEquals(0, control.delivered.size());
    }

    /** A dozen of these, at 8 MiB each, filled a node's heap. */
    @Test
    void ofAStrangerNothingIsTakenIn() throws IOException {
        assertRefused(
                "not made with this cluster's secret",
                head(signed(ClusterSecret.random(), "n", BODY), length(MessageCodec.BYTES_MAX)));
    }

    /**
     * Who has seen a member's request can send its headers, before they arrive, and another body.
     */
    @Test
    void ofAnotherLengthThanAMemberHasSignedNothingIsTakenIn() throws IOException {
        assertRefused("another length", head(signed(secret, "n", BODY), length(5_000_000)));
        assertRefused("another length", head(signed(secret, "m", BODY), length(1)));
        assertRefused(
                "another length", head(signed(secret, "k", BODY), "Transfer-Encoding: chunked"));
    }

    @Test
    void anotherBodyOfThatLengthIsRefused() throws IOException {
        byte[] other = BODY.clone();
        other[other.length - 2] ^= 1;
        String answer = answer(head(signed(secret, "n", BODY), length(BODY.length)), other);
        assertTrue(answer.startsWith("HTTP/1.1 401"), answer);
        assertEquals(0, control.delivered.size());
    }

    @Test
    void aMembersBodyIsTakenOnce() throws Exception {
        String head = head(signed(secret, "n", BODY), length(BODY.length));
        assertTrue(answer(head, BODY).startsWith("HTTP/1.1 204"));
        assertEquals(new Message.WhoLeads(), control.delivered.poll(60, TimeUnit.SECONDS));
        assertRefused("has been here before", head);
    }

    /** Of changes, which anybody may ask for, so many bodies are taken in at once and no more. */
    @Test
    void ofChangesAFewAreTakenInAtOnce() throws Exception {
        String head =
                """
                POST /api/v1/volumes HTTP/1.1
                Host: node
                Content-Type: application/json
                %s

                """
                        .replace("\n", "\r\n");
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < Changes.UNDER_WAY_MAX; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                slow.add(socket);
                socket.getOutputStream().write(head.formatted(length(60_000)).getBytes(US_ASCII));
            }
            String refused = "";
            while (!refused.startsWith("HTTP/1.1 503")) { // some of them are not read yet
                refused = answer(head.formatted(length(2)), "{}".getBytes(US_ASCII));
            }
            assertTrue(refused.contains("urn:stria:problem:busy"), refused);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        String taken = answer(head.formatted(length(2)), "{}".getBytes(US_ASCII));
        while (taken.startsWith("HTTP/1.1 503")) { // some of them are not closed yet
            taken = answer(head.formatted(length(2)), "{}".getBytes(US_ASCII));
        }
        assertTrue(taken.startsWith("HTTP/1.1 400"), taken);
    }

    /** A change whose body has been read keeps nobody out while it waits for a leader. */
    @Test
    void changesThatWaitForALeaderAreAsManyAsCome() throws Exception {
        control.leaderless = true;
        String body = "{\"name\":\"db\",\"sizeBytes\":8192,\"scheme\":\"2+2\"}";
        String request =
                """
                POST /api/v1/volumes HTTP/1.1
                Host: node
                Content-Type: application/json
                %s

                """
                                .replace("\n", "\r\n")
                                .formatted(length(body.length()))
                        + body;
        int count = Changes.UNDER_WAY_MAX + 1;
        List<Socket> waiting = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                waiting.add(socket);
                socket.getOutputStream().write(request.getBytes(US_ASCII));
            }
            for (int i = 0; i < count; i++) {
                CompletableFuture<Result> asked = control.undecided.poll(60, TimeUnit.SECONDS);
                assertNotNull(asked, "change " + i);
                asked.complete(control.answer);
            }
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
        control.leaderless = false;
        ofChangesAFewAreTakenInAtOnce(); // each place was given back once
    }
}
