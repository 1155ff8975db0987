package io.stria.control.rest;

import io.stria.control.json.Json;
import io.stria.control.security.ClusterSecret;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * How a supervisor says that a process it held has ended: to any node, which passes it on to the
 * leader. Blocking, and with nothing but the JDK, since supervisors are small.
 */
public final class Attestation {
    private static final int CONNECT_MS = 1_000;
    private static final int ANSWER_MS = 20_000;
    private static final int SUPERVISOR = 0;
    private static final int NONCE_BYTES = 16;

    private final MessageAuth auth;
    private final SecureRandom random = new SecureRandom();

    public Attestation(ClusterSecret secret) {
        auth = new MessageAuth(secret, System::currentTimeMillis);
    }

    /**
     * Returns when the leader has heard it.
     *
     * @param api of the node that is asked, such as {@code http://127.0.0.1:4422}
     * @param receiver id of that node
     * @param incarnation of the process, any of its registrations
     * @throws IOException if that node does not answer, or no leader does: ask another, or again
     */
    public void ended(URI api, int receiver, int nodeId, long incarnation) throws IOException {
        byte[] body = Json.write(new MemberRoutes.Attestation(nodeId, incarnation));
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        MessageAuth.Headers headers =
                auth.sign(
                        MemberRoutes.ATTEST,
                        SUPERVISOR,
                        receiver,
                        HexFormat.of().formatHex(nonce),
                        body);
        HttpURLConnection connection =
                (HttpURLConnection) api.resolve(MemberRoutes.ATTEST).toURL().openConnection();
        try {
            connection.setConnectTimeout(CONNECT_MS);
            connection.setReadTimeout(ANSWER_MS);
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setRequestProperty(MessageAuth.FROM, headers.from());
            connection.setRequestProperty(MessageAuth.TO, headers.to());
            connection.setRequestProperty(MessageAuth.TIME, headers.time());
            connection.setRequestProperty(MessageAuth.NONCE, headers.nonce());
            connection.setRequestProperty(MessageAuth.MAC, headers.mac());
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body);
            }
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_NO_CONTENT) {
                throw new IOException("node " + receiver + " answers " + status);
            }
        } finally {
            connection.disconnect();
        }
    }
}
