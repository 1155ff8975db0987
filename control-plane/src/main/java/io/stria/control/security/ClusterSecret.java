package io.stria.control.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
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

    private ClusterSecret(byte[] bytes) {
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

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException also if others than the owner may read the file
     */
    public static ClusterSecret read(Path file) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.stream().anyMatch(permission -> !permission.name().startsWith("OWNER"))) {
            throw new IOException(
                    file + " holds the cluster secret and others may read it: chmod 600 it");
        }
        try {
            return new ClusterSecret(
                    HexFormat.of()
                            .parseHex(Files.readString(file, StandardCharsets.US_ASCII).strip()));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " does not hold 64 hexadecimal digits", e);
        }
    }

    /** Writes a file that only its owner may read; it must not exist. */
    public void write(Path file) throws IOException {
        Set<PosixFilePermission> ownerOnly =
                Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(ownerOnly));
        Files.writeString(file, HexFormat.of().formatHex(bytes) + "\n", StandardCharsets.US_ASCII);
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
