package io.stria.control.rest;

import io.stria.control.security.ClusterSecret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Shows and checks that a request between members was made by a holder of the cluster secret:
 * HMAC-SHA256 over path, sender, receiver, time, nonce, and length and SHA-256 of the body. So the
 * headers alone show it, before any of the body is taken in, and the body has to fit them. A
 * request is accepted once, by the node it is for, and within two minutes of the wall clock. The
 * content is not hidden.
 */
public final class MessageAuth {
    public static final String FROM = "Stria-From";
    public static final String TO = "Stria-To";
    public static final String TIME = "Stria-Time";
    public static final String NONCE = "Stria-Nonce";
    public static final String BODY = "Stria-Body";
    public static final String MAC = "Stria-Mac";

    static final long WINDOW_MS = 120_000;
    private static final String ALGORITHM = "HmacSHA256";
    private static final String DIGEST = "SHA-256";
    private static final String LENGTH_ENDS = ":";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_CHARS_MAX = 64;

    /**
     * The headers of one request; null where one is missing.
     *
     * @param body see {@link #describe}
     */
    public record Headers(
            @Nullable String from,
            @Nullable String to,
            @Nullable String time,
            @Nullable String nonce,
            @Nullable String body,
            @Nullable String mac) {
        /** Whether that is the body that the headers were made for. */
        public boolean fit(byte[] received) {
            return describe(received).equals(body);
        }

        /** Whether a body of this length, in decimal digits, may be the one. */
        boolean fitLength(@Nullable String length) {
            return body != null && length != null && body.startsWith(length + LENGTH_ENDS);
        }
    }

    private final SecretKeySpec key;
    private final LongSupplier wallMillis;
    // Finding an algorithm takes longer than using it; doFinal leaves a Mac as it was keyed.
    private final ThreadLocal<Mac> macs = ThreadLocal.withInitial(this::keyed);
    private final NonceMemory nonces = new NonceMemory(2 * WINDOW_MS);

    public MessageAuth(ClusterSecret secret, LongSupplier wallMillis) {
        key = new SecretKeySpec(secret.derive("stria member requests", KEY_BYTES), ALGORITHM);
        this.wallMillis = wallMillis;
    }

    public Headers sign(String path, int from, int to, String nonce, byte[] body) {
        Headers bare =
                new Headers(
                        Integer.toString(from),
                        Integer.toString(to),
                        Long.toString(wallMillis.getAsLong()),
                        nonce,
                        describe(body),
                        null);
        String mac = HexFormat.of().formatHex(mac(path, bare));
        return new Headers(bare.from, bare.to, bare.time, bare.nonce, bare.body, mac);
    }

    /** Length and hash of a body, as headers name it. */
    public static String describe(byte[] body) {
        try {
            // A short search beside the hash of what may be megabytes.
            byte[] hash = MessageDigest.getInstance(DIGEST).digest(body);
            return body.length + LENGTH_ENDS + HexFormat.of().formatHex(hash);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + DIGEST, e);
        }
    }

    /**
     * Null if the request is genuine, fresh and for this node, otherwise why not. Its body, which
     * may not have come yet, has to fit the headers as well.
     */
    public @Nullable String refusal(String path, int self, Headers headers) {
        String nonce = headers.nonce;
        String given = headers.mac;
        if (headers.from == null
                || headers.to == null
                || headers.time == null
                || headers.body == null
                || nonce == null
                || given == null) {
            return "a request between members carries " + MAC + " and its companions";
        }
        byte[] expected =
                HexFormat.of().formatHex(mac(path, headers)).getBytes(StandardCharsets.UTF_8);
        // Compares in constant time, so that nothing is learned from how long it takes.
        if (!MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))) {
            return "the request was not made with this cluster's secret";
        }
        if (!headers.to.equals(Integer.toString(self))) {
            return "the request is for node " + headers.to;
        }
        long now = wallMillis.getAsLong();
        if (nonce.length() > NONCE_CHARS_MAX || !timely(headers.time, now)) {
            return "the clocks of the nodes are more than two minutes apart";
        }
        return nonces.seenBefore(headers.from + "/" + nonce, now)
                ? "the request has been here before"
                : null;
    }

    private static boolean timely(String time, long now) {
        try {
            return Math.abs(Long.parseLong(time) - now) <= WINDOW_MS;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private Mac keyed() {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + ALGORITHM, e);
        }
    }

    private byte[] mac(String path, Headers headers) {
        Mac mac = macs.get();
        for (String part :
                new @Nullable String[] {
                    path, headers.from, headers.to, headers.time, headers.nonce, headers.body
                }) {
            byte[] bytes = String.valueOf(part).getBytes(StandardCharsets.UTF_8);
            mac.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            mac.update(bytes);
        }
        return mac.doFinal();
    }
}
