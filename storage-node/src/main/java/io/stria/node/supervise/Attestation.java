package io.stria.node.supervise;

import io.stria.control.json.Json;
import io.stria.control.rest.MessageAuth;
import io.stria.control.security.ClusterSecret;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Tells all nodes at once that one has ended, so that its lease need not run out before others take
 * over. Whoever of them can reach the leader takes the word there. Tells them as well that one
 * stands still, so that another leads soon if that one did. That is a request of its own: a node
 * that does not know it must not take it for an end.
 */
public final class Attestation implements Endings {
    private static final Logger LOG = Logger.getLogger(Attestation.class.getName());
    private static final String ENDED = "/internal/v1/attest";
    private static final String STANDS_STILL = "/internal/v1/standstill";

    /** A supervisor is a member, but no node. */
    private static final int FROM = 0;

    /** No node has this id, so no leader looks further. */
    private static final int NOBODY = 0;

    private static final long REHEARSAL_NS = 120_000_000_000L;
    private static final long REHEARSAL_PAUSE_NS = 1_000_000_000L;
    private static final int NONCE_BYTES = 16;
    private static final int CONNECT_MS = 1_000;
    private static final int ANSWER_MS = 20_000;

    private record Word(int nodeId, long incarnation) {}

    private final ClusterFile cluster;
    private final MessageAuth auth;
    private final SecureRandom random = new SecureRandom();

    public Attestation(ClusterFile cluster, ClusterSecret secret) {
        this.cluster = cluster;
        this.auth = new MessageAuth(secret, System::currentTimeMillis);
    }

    @Override
    public void ended(int nodeId, long incarnation, String how) {
        tellOthers(ENDED, new Word(nodeId, incarnation));
    }

    @Override
    public void standsStill(int nodeId, long incarnation) {
        tellOthers(STANDS_STILL, new Word(nodeId, incarnation));
    }

    private void tellOthers(String path, Word word) {
        byte[] body = Json.write(word);
        for (ClusterNode node : cluster.nodes()) {
            if (node.id() != word.nodeId()) {
                Thread.ofPlatform()
                        .name("attest-" + word.nodeId() + "-to-" + node.id())
                        .daemon()
                        .start(() -> tell(node, path, body));
            }
        }
    }

    /**
     * Says of nobody to every node that it stands still and has ended, once, in the background, as
     * soon as it answers: what that needs is loaded then, and the time in which nobody serves is
     * shorter.
     */
    public void rehearse() {
        byte[] word = Json.write(new Word(NOBODY, 0));
        Thread.ofPlatform().name("rehearsal").daemon().start(() -> rehearse(word));
    }

    private void rehearse(byte[] word) {
        long deadlineNs = System.nanoTime() + REHEARSAL_NS;
        for (ClusterNode node : cluster.nodes()) {
            while (!answers(node, word) && System.nanoTime() - deadlineNs < 0) {
                LockSupport.parkNanos(REHEARSAL_PAUSE_NS);
            }
        }
    }

    private boolean answers(ClusterNode node, byte[] word) {
        try {
            post(node, STANDS_STILL, word);
            return post(node, ENDED, word) / 100 == 2;
        } catch (IOException e) {
            return false; // it is starting
        }
    }

    private void tell(ClusterNode node, String path, byte[] word) {
        try {
            int status = post(node, path, word);
            if (status / 100 != 2) {
                LOG.log(
                        Level.WARNING,
                        "node {0} did not take a word to {1}: HTTP status {2}",
                        new Object[] {node.id(), path, status});
            }
        } catch (IOException e) {
            // It is down itself, and the others are told as well.
            LOG.log(Level.FINE, "node " + node.id() + " cannot be told", e);
        }
    }

    private int post(ClusterNode node, String path, byte[] word) throws IOException {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        MessageAuth.Headers headers =
                auth.sign(path, FROM, node.id(), HexFormat.of().formatHex(nonce), word);
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(node.api() + path).toURL().openConnection();
        try {
            connection.setRequestMethod("POST");
            connection.setConnectTimeout(CONNECT_MS);
            connection.setReadTimeout(ANSWER_MS);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setRequestProperty(MessageAuth.FROM, headers.from());
            connection.setRequestProperty(MessageAuth.TO, headers.to());
            connection.setRequestProperty(MessageAuth.TIME, headers.time());
            connection.setRequestProperty(MessageAuth.NONCE, headers.nonce());
            connection.setRequestProperty(MessageAuth.BODY, headers.body());
            connection.setRequestProperty(MessageAuth.MAC, headers.mac());
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(word);
            }
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }
}
