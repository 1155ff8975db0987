package io.stria.control.security;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;

/**
 * A key pair on NIST's P-256 whose private half is given: Java has no way to ask for the public
 * half. Plain affine arithmetic, used once at start on this machine's own secret; not constant in
 * time.
 */
final class P256 {
    private static final String CURVE = "secp256r1";

    private final ECParameterSpec curve;
    private final BigInteger prime;

    P256() throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(CURVE));
        curve = parameters.getParameterSpec(ECParameterSpec.class);
        prime = ((ECFieldFp) curve.getCurve().getField()).getP();
    }

    /**
     * @param seed longer than the order of the curve by 64 bits or more, so that the reduction
     *     favours no number
     */
    KeyPair keyPair(byte[] seed) throws GeneralSecurityException {
        BigInteger order = curve.getOrder();
        BigInteger scalar =
                new BigInteger(1, seed).mod(order.subtract(BigInteger.ONE)).add(BigInteger.ONE);
        KeyFactory factory = KeyFactory.getInstance("EC");
        return new KeyPair(
                factory.generatePublic(
                        new ECPublicKeySpec(multiply(curve.getGenerator(), scalar), curve)),
                factory.generatePrivate(new ECPrivateKeySpec(scalar, curve)));
    }

    ECPoint multiply(ECPoint point, BigInteger scalar) {
        ECPoint sum = ECPoint.POINT_INFINITY;
        for (int bit = scalar.bitLength() - 1; bit >= 0; bit--) {
            sum = add(sum, sum);
            if (scalar.testBit(bit)) {
                sum = add(sum, point);
            }
        }
        return sum;
    }

    private ECPoint add(ECPoint a, ECPoint b) {
        if (a.equals(ECPoint.POINT_INFINITY)) {
            return b;
        }
        if (b.equals(ECPoint.POINT_INFINITY)) {
            return a;
        }
        BigInteger ax = a.getAffineX();
        BigInteger ay = a.getAffineY();
        BigInteger bx = b.getAffineX();
        BigInteger by = b.getAffineY();
        if (ax.equals(bx) && !ay.equals(by)) {
            return ECPoint.POINT_INFINITY;
        }
        BigInteger rise;
        BigInteger run;
        if (ax.equals(bx)) {
            rise = ax.pow(2).multiply(BigInteger.valueOf(3)).add(curve.getCurve().getA());
            run = ay.shiftLeft(1);
        } else {
            rise = by.subtract(ay);
            run = bx.subtract(ax);
        }
        BigInteger slope = rise.multiply(run.modInverse(prime)).mod(prime);
        BigInteger x = slope.pow(2).subtract(ax).subtract(bx).mod(prime);
        BigInteger y = slope.multiply(ax.subtract(x)).subtract(ay).mod(prime);
        return new ECPoint(x, y);
    }
}
