package io.stria.control.security;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class MemberIdentityTest {
    @Test
    void everyHolderOfTheSecretMakesTheSameAuthority() throws GeneralSecurityException {
        ClusterSecret secret = ClusterSecret.random();
        MemberIdentity one = MemberIdentity.of(secret, "node-1", "127.0.0.1");
        MemberIdentity other = MemberIdentity.of(secret, "node-2", "fd00::2");
        assertEquals(one.authority().getPublicKey(), other.authority().getPublicKey());
        one.certificate().verify(other.authority().getPublicKey());
        other.certificate().verify(one.authority().getPublicKey());
        assertFalse(one.certificate().getPublicKey().equals(other.certificate().getPublicKey()));
    }

    @Test
    void anotherSecretsCertificateIsNotAccepted() {
        MemberIdentity ours = MemberIdentity.of(ClusterSecret.random(), "node-1", "127.0.0.1");
        MemberIdentity theirs = MemberIdentity.of(ClusterSecret.random(), "node-1", "127.0.0.1");
        assertThrows(
                SignatureException.class,
                () -> theirs.certificate().verify(ours.authority().getPublicKey()));
    }

    @Test
    void certificatesNameTheAddress() throws GeneralSecurityException {
        MemberIdentity member = MemberIdentity.of(ClusterSecret.random(), "node-1", "10.1.2.3");
        assertEquals(
                "[[7, 10.1.2.3]]",
                String.valueOf(member.certificate().getSubjectAlternativeNames()));
        assertEquals(-1, member.certificate().getBasicConstraints(), "signs nobody else's");
    }

    /** NIST's test vector for 2G on P-256, and the order of the group. */
    @Test
    void pointsAreMultipliedAsNistDoes() throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec curve = parameters.getParameterSpec(ECParameterSpec.class);
        ECPoint twice = new P256().multiply(curve.getGenerator(), BigInteger.TWO);
        assertEquals(
                "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978",
                twice.getAffineX().toString(16));
        assertEquals(
                "7775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1",
                twice.getAffineY().toString(16));
        assertEquals(
                ECPoint.POINT_INFINITY,
                new P256().multiply(curve.getGenerator(), curve.getOrder()));
    }

    @Test
    void theSameBytesGiveTheSameKeysAndTheFingerprintShowsNothing() {
        byte[] bytes = new byte[32];
        bytes[7] = 7;
        ClusterSecret one = new ClusterSecret(bytes);
        ClusterSecret other = new ClusterSecret(bytes.clone());
        assertArrayEquals(one.derive("x", 16), other.derive("x", 16));
        assertFalse(Arrays.equals(one.derive("x", 16), one.derive("y", 16)));
        assertEquals("cluster secret " + other.id(), one.toString());
        assertFalse(HexFormat.of().formatHex(bytes).contains(one.id()));
    }
}
