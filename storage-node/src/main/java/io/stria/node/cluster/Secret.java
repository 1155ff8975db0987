package io.stria.node.cluster;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/** What members of a cluster share; shows itself only to who asks for its bytes. */
public final class Secret {
    public static final int BYTES = 32;

    private final byte[] bytes;

    public Secret(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new ClusterException(
                    "a cluster secret has " + BYTES + " bytes, not " + bytes.length);
        }
        this.bytes = bytes.clone();
    }

    public static Secret random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new Secret(bytes);
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** Tells secrets apart without giving them away. */
    public String fingerprint() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "secret " + fingerprint();
    }
}
