package io.stria.dataplane.peer;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proof by both sides of a connection that they know the cluster's secret, which never travels:
 * each sends a nonce, and answers with HMAC-SHA256 over its role, both nonces and the device's
 * name.
 *
 * <pre>
 *   owner  -> store   Authentication Send     owner's nonce 32
 *   store  -> owner   Authentication Receive  store's nonce 32 | proof of the store 32
 *   owner  -> store   Authentication Send     proof of the owner 32
 * </pre>
 *
 * <p>What follows on the connection is neither encrypted nor signed: peers talk on the cluster's
 * own network.
 */
public final class PeerAuth {
    static final int NONCE_BYTES = 32;
    static final int PROOF_BYTES = 32;

    private final SecretKeySpec key;
    private final Supplier<byte[]> nonces;

    /**
     * @param secret the cluster's, at least 16 bytes; copied
     * @param nonces unpredictable values of 32 bytes
     */
    public PeerAuth(byte[] secret, Supplier<byte[]> nonces) {
        if (secret.length < 16) {
            throw new IllegalArgumentException(
                    "a cluster secret of " + secret.length + " bytes is too short");
        }
        this.key = new SecretKeySpec(secret, "HmacSHA256");
        this.nonces = nonces;
    }

    byte[] nonce() {
        byte[] nonce = nonces.get();
        assert nonce.length == NONCE_BYTES;
        return nonce;
    }

    byte[] ownerProof(byte[] ownerNonce, byte[] storeNonce, String device) {
        return proof("owner", ownerNonce, storeNonce, device);
    }

    byte[] storeProof(byte[] ownerNonce, byte[] storeNonce, String device) {
        return proof("store", ownerNonce, storeNonce, device);
    }

    static boolean matches(byte[] expected, byte[] received) {
        return MessageDigest.isEqual(expected, received);
    }

    private byte[] proof(String role, byte[] ownerNonce, byte[] storeNonce, String device) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(role.getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) 0);
            mac.update(ownerNonce);
            mac.update(storeNonce);
            mac.update(device.getBytes(StandardCharsets.US_ASCII));
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HmacSHA256", e);
        }
    }
}
