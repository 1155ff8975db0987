package io.stria.control.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * 32 random bytes that make a process a member. It never leaves the machine and is never printed;
 * keys for each purpose are derived from it.
 */
public final class ClusterSecret {
    private static final int BYTES = 32;
    private static final int ID_BYTES = 8;

    private final byte[] bytes;

    public ClusterSecret(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a cluster secret has " + BYTES + " bytes");
        }
        this.bytes = bytes.clone();
    }

    public static ClusterSecret random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new ClusterSecret(bytes);
    }

    /** A fingerprint that may be shown. */
    public String id() {
        return HexFormat.of().formatHex(derive("stria secret id", ID_BYTES));
    }

    /** Key material for one purpose, by HKDF with SHA-256. */
    public byte[] derive(String purpose, int length) {
        try {
            HKDFParameterSpec parameters =
                    HKDFParameterSpec.ofExtract()
                            .addIKM(bytes)
                            .thenExpand(purpose.getBytes(StandardCharsets.US_ASCII), length);
            return KDF.getInstance("HKDF-SHA256").deriveData(parameters);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HKDF-SHA256", e);
        }
    }

    @Override
    public String toString() {
        return "cluster secret " + id();
    }
}
