package io.stria.control.security;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;

/**
 * What a member shows in mutual TLS: a certificate for its address, with a key of its own made at
 * this start, signed by the cluster's authority. The authority's key is derived from the cluster
 * secret, so whoever holds the secret, and nobody else, can make one; nothing is stored, and
 * nothing but the secret is handed out.
 */
public record MemberIdentity(
        PrivateKey key, X509Certificate certificate, X509Certificate authority) {
    private static final String AUTHORITY_NAME = "Stria cluster authority";
    private static final int SEED_BYTES = 48;
    private static final int SERIAL_BITS = 120;
    // Fixed, so that clocks that are off keep no member out; the secret is what admits.
    private static final Instant FROM = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("9999-12-31T23:59:59Z");

    private static final byte[] ECDSA_SHA256 = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));
    private static final byte[] BASIC_CONSTRAINTS = Der.oid(2, 5, 29, 19);
    private static final byte[] ALTERNATIVE_NAME = Der.oid(2, 5, 29, 17);
    private static final byte[] COMMON_NAME = Der.oid(2, 5, 4, 3);
    private static final int NAME_IS_ADDRESS = 7;

    /**
     * @param address literal IP address that others reach this member at
     */
    public static MemberIdentity of(ClusterSecret secret, String memberName, String address) {
        try {
            KeyPair authorityKeys =
                    new P256().keyPair(secret.derive("stria consensus authority", SEED_BYTES));
            X509Certificate authority =
                    certificate(
                            AUTHORITY_NAME,
                            authorityKeys.getPublic(),
                            authorityKeys.getPrivate(),
                            extension(
                                    BASIC_CONSTRAINTS,
                                    Der.trueValue(),
                                    Der.sequence(Der.trueValue())));
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair own = generator.generateKeyPair();
            byte[] ip = InetAddress.getByName(address).getAddress();
            X509Certificate certificate =
                    certificate(
                            memberName,
                            own.getPublic(),
                            authorityKeys.getPrivate(),
                            extension(
                                    ALTERNATIVE_NAME,
                                    new byte[0],
                                    Der.sequence(Der.implicit(NAME_IS_ADDRESS, ip))));
            return new MemberIdentity(own.getPrivate(), certificate, authority);
        } catch (GeneralSecurityException | UnknownHostException e) {
            throw new IllegalStateException("cannot make a certificate for " + address, e);
        }
    }

    private static byte[] extension(byte[] id, byte[] critical, byte[] content) {
        return Der.sequence(id, critical, Der.octets(content));
    }

    private static X509Certificate certificate(
            String subject, PublicKey key, PrivateKey issuerKey, byte[] extension)
            throws GeneralSecurityException {
        byte[] body =
                Der.sequence(
                        Der.explicit(0, Der.integer(BigInteger.TWO)),
                        Der.integer(
                                new BigInteger(SERIAL_BITS, new SecureRandom())
                                        .add(BigInteger.ONE)),
                        ECDSA_SHA256,
                        name(AUTHORITY_NAME),
                        Der.sequence(Der.time(FROM), Der.time(UNTIL)),
                        name(subject),
                        key.getEncoded(),
                        Der.explicit(3, Der.sequence(extension)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(issuerKey);
        signature.update(body);
        byte[] encoded = Der.sequence(body, ECDSA_SHA256, Der.bits(signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(encoded));
    }

    private static byte[] name(String commonName) {
        return Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.text(commonName))));
    }

    @Override
    public String toString() {
        return certificate.getSubjectX500Principal().getName();
    }
}
