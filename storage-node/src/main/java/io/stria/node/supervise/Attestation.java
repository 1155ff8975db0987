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
 * over. Whoever of them can reach the leader takes the word there.
 */
public final class Attestation implements Endings {
    private static final Logger LOG = Logger.getLogger(Attestation.class.getName());
    private static final String PATH = "/internal/v1/attest";

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
        byte[] word = Json.write(new Word(nodeId, incarnation));
        for (ClusterNode node : cluster.nodes()) {
            if (node.id() != nodeId) {
                Thread.ofPlatform()
                        .name("attest-" + nodeId + "-to-" + node.id())
                        .daemon()
                        .start(() -> tell(node, word));
            }
        }
    }

    /**
     * Attests the end of nobody once to every node, in the background, as soon as it answers: what
     * an attestation needs is loaded then, and the time in which nobody serves is shorter.
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
            return post(node, word) / 100 == 2;
        } catch (IOException e) {
            return false; // it is starting
        }
    }

    private void tell(ClusterNode node, byte[] word) {
        try {
            int status = post(node, word);
            if (status / 100 != 2) {
                LOG.log(
                        Level.WARNING,
                        "node {0} did not take an attestation: HTTP status {1}",
                        new Object[] {node.id(), status});
            }
        } catch (IOException e) {
            // It is down itself, and the others are told as well.
            LOG.log(Level.FINE, "node " + node.id() + " cannot be told", e);
        }
    }

    private int post(ClusterNode node, byte[] word) throws IOException {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        MessageAuth.Headers headers =
                auth.sign(PATH, FROM, node.id(), HexFormat.of().formatHex(nonce), word);
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(node.api() + PATH).toURL().openConnection();
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
