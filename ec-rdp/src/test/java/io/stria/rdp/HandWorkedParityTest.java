package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.stria.rdp.xor.ScalarXorKernel;
import io.stria.rdp.xor.VectorXorKernel;
import io.stria.rdp.xor.XorKernel;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Parities worked out by hand from the equations of the paper. a(i,j) is row i of fragment j, r(i)
 * row parity, q(d) diagonal parity; every row is filled with one byte, written in hexadecimal, rows
 * of a fragment side by side.
 *
 * <pre>
 * r(i) = xor of a(i,j) over j
 * q(d) = xor of a(i,j) with i + j = d, and of r(i) with i + p-1 = d, all mod p, for d = 0 .. p-2
 * </pre>
 */
class HandWorkedParityTest {

    static Stream<XorKernel> kernels() {
        return Stream.of(new ScalarXorKernel(), new VectorXorKernel());
    }

    /** p = 2: r(0) = a(0,0); q(0) = a(0,0), since r(0) is on diagonal 1, the missing one. */
    @ParameterizedTest
    @MethodSource("kernels")
    void threeCopiesForOneDataFragment(XorKernel kernel) {
        assertParities(kernel, 1, "c3", "c3", "c3");
    }

    /**
     * p = 3.
     *
     * <pre>
     * r(0) = a(0,0) ^ a(0,1) = 01 ^ 10 = 11
     * r(1) = a(1,0) ^ a(1,1) = 02 ^ 20 = 22
     * q(0) = a(0,0) ^ r(1)   = 01 ^ 22 = 23
     * q(1) = a(1,0) ^ a(0,1) = 02 ^ 10 = 12
     * </pre>
     */
    @ParameterizedTest
    @MethodSource("kernels")
    void paritiesOfTwoDataFragments(XorKernel kernel) {
        assertParities(kernel, 2, "0102 1020", "1122", "2312");
    }

    /**
     * p = 5.
     *
     * <pre>
     * r(0) = a(0,0) ^ a(0,1) ^ a(0,2) ^ a(0,3) = 01 ^ 10 ^ 03 ^ 1f = 0d
     * r(1) = a(1,0) ^ a(1,1) ^ a(1,2) ^ a(1,3) = 02 ^ 20 ^ 05 ^ 2e = 09
     * r(2) = a(2,0) ^ a(2,1) ^ a(2,2) ^ a(2,3) = 04 ^ 40 ^ 07 ^ 3d = 7e
     * r(3) = a(3,0) ^ a(3,1) ^ a(3,2) ^ a(3,3) = 08 ^ 80 ^ 09 ^ 4c = cd
     * q(0) = a(0,0) ^ a(3,2) ^ a(2,3) ^ r(1)   = 01 ^ 09 ^ 3d ^ 09 = 3c
     * q(1) = a(1,0) ^ a(0,1) ^ a(3,3) ^ r(2)   = 02 ^ 10 ^ 4c ^ 7e = 20
     * q(2) = a(2,0) ^ a(1,1) ^ a(0,2) ^ r(3)   = 04 ^ 20 ^ 03 ^ cd = ea
     * q(3) = a(3,0) ^ a(2,1) ^ a(1,2) ^ a(0,3) = 08 ^ 40 ^ 05 ^ 1f = 52
     * </pre>
     */
    @ParameterizedTest
    @MethodSource("kernels")
    void paritiesOfFourDataFragments(XorKernel kernel) {
        assertParities(kernel, 4, "01020408 10204080 03050709 1f2e3d4c", "0d097ecd", "3c20ea52");
    }

    /**
     * p = 17, with five cells set, each to its own bit.
     *
     * <pre>
     * a( 0,0) = 01   diagonal  0           r( 0) on no diagonal (16, the missing one)
     * a(15,1) = 02   diagonal 16, missing  r(15) on diagonal 14
     * a(15,2) = 04   diagonal  0           r(15) on diagonal 14
     * a(10,7) = 08   diagonal  0           r(10) on diagonal  9
     * a( 3,4) = 10   diagonal  7           r( 3) on diagonal  2
     *
     * q(0) = 01 ^ 04 ^ 08 = 0d, q(2) = 10, q(7) = 10, q(9) = 08, q(14) = 02 ^ 04 = 06
     * r(0) = 01, r(3) = 10, r(10) = 08, r(15) = 02 ^ 04 = 06
     * </pre>
     */
    @ParameterizedTest
    @MethodSource("kernels")
    void paritiesOfEightDataFragments(XorKernel kernel) {
        assertParities(
                kernel,
                8,
                "01000000000000000000000000000000"
                        + "00000000000000000000000000000002"
                        + "00000000000000000000000000000004"
                        + "00000000000000000000000000000000"
                        + "00000010000000000000000000000000"
                        + "00000000000000000000000000000000"
                        + "00000000000000000000000000000000"
                        + "00000000000000000000080000000000",
                "01000010000000000000080000000006",
                "0d001000000000100008000000000600");
    }

    private static void assertParities(
            XorKernel kernel, int n, String data, String rowParity, String diagonalParity) {
        RdpCode code = new RdpCode(RdpArray.of(n), kernel);
        byte[] block = rows(code, data);
        try (var source = new GuardedMemory(block, 0);
                var row = new GuardedMemory(code.fragmentBytes(), 0);
                var diagonal = new GuardedMemory(code.fragmentBytes(), 0)) {
            code.encode(
                    source.segment,
                    source.offset,
                    row.segment,
                    row.offset,
                    diagonal.segment,
                    diagonal.offset);
            assertArrayEquals(rows(code, rowParity), row.get());
            assertArrayEquals(rows(code, diagonalParity), diagonal.get());
            assertArrayEquals(block, source.get());
        }
    }

    private static byte[] rows(RdpCode code, String hex) {
        byte[] values = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] bytes = new byte[values.length * code.rowBytes()];
        for (int k = 0; k < bytes.length; k++) {
            bytes[k] = values[k / code.rowBytes()];
        }
        return bytes;
    }
}
