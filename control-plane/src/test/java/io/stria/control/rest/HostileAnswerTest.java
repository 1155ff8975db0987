package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import io.stria.control.security.ClusterSecret;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Somebody without the secret listens at the port of node 2, which node 1 asks. */
class HostileAnswerTest {
    /** What a connection holds on its way, and more. */
    private static final int SLACK_BYTES = 16 << 20;

    private static final int PIECE_BYTES = 64 << 10;

    /** Without a limit the test ends here. */
    private static final long SENT_MAX = 96L << 20;

    private interface Answer {
        void give(OutputStream out) throws IOException;
    }

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<Integer> unreachable = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** Asks once; returns when the answer is given or the connection has ended. */
    private void ask(Answer answer) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 4, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<Void> given = new CompletableFuture<>();
            Thread.ofVirtual()
                    .start(() -> {
                        try (Socket socket = server.accept()) {
                            socket.getInputStream().read();
                            answer.give(socket.getOutputStream());
                            given.complete(null);
                        } catch (IOException | AssertionError e) {
                            given.completeExceptionally(e);
                        }
                    });
            NodeSpec node =
                    new NodeSpec(2, "127.0.0.1", 4420, server.getLocalPort(), 98, "", "", true);
            PeerPost post =
                    new PeerPost(
                            vertx,
                            1,
                            List.of(node),
                            () -> ClusterState.empty().map(),
                            new MessageAuth(ClusterSecret.random(), System::currentTimeMillis),
                            (from, message) -> {},
                            unreachable::add);
            post.send(2, new Message.WhoLeads());
            post.flush(0);
            given.get(60, TimeUnit.SECONDS);
        }
    }

    /** Bytes that went out before the connection was ended. */
    private static long sendUntilCut(OutputStream out, byte[] piece) {
        long sent = 0;
        try {
            while (sent < SENT_MAX) {
                out.write(piece);
                sent += piece.length;
            }
        } catch (IOException e) {
            return sent;
        }
        return sent;
    }

    @Test
    void anAnswerWithoutEndIsCutOff() throws Exception {
        byte[] piece =
                ("10000\r\n" + "x".repeat(PIECE_BYTES) + "\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        ask(out -> {
            write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            long sent = sendUntilCut(out, piece);
            assertTrue(sent < MessageCodec.BYTES_MAX + SLACK_BYTES, sent + " bytes were taken");
        });
        assertEquals(2, unreachable.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void anAnswerThatSaysThatItIsTooLongIsNotRead() throws Exception {
        ask(out -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n");
            long sent = sendUntilCut(out, new byte[PIECE_BYTES]);
            assertTrue(sent < SLACK_BYTES, sent + " bytes were taken");
        });
        assertEquals(2, unreachable.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void anAnswerThatComesByteForByteIsNotWaitedFor() throws Exception {
        long beganNs = System.nanoTime();
        ask(out -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            try {
                while (System.nanoTime() - beganNs < 30_000_000_000L) {
                    out.write('x');
                    Thread.sleep(100);
                }
            } catch (IOException e) {
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new AssertionError("nobody ends it");
        });
        assertEquals(2, unreachable.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void aRefusalsWordsAreFewAndBeginNoLine() throws Exception {
        Logger logger = Logger.getLogger(PeerPost.class.getName());
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Handler handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord line) {
                        lines.add(line.getMessage());
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        logger.addHandler(handler);
        try {
            String words = "no\r\n2026-01-01 SEVERE all is lost " + "!".repeat(1000);
            ask(out ->
                    write(
                            out,
                            "HTTP/1.1 500 Error\r\nContent-Length: %d\r\n\r\n%s"
                                    .formatted(words.length(), words)));
            String line = lines.poll(20, TimeUnit.SECONDS);
            assertNotNull(line);
            assertTrue(line.startsWith("node 2 refuses messages: 500 no??2026"), line);
            assertTrue(line.length() < 300, line);
        } finally {
            logger.removeHandler(handler);
        }
    }
}
