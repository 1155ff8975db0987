package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EncodeTest {

    private static final int[] MISALIGNMENTS = {0, 1, 8, 13, 32};

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void equalsTheReferenceAtEveryAlignment(RdpCode code) {
        Seed seed = Seed.ofRun();
        for (int misalignment : MISALIGNMENTS) {
            for (int round = 0; round < 8; round++) {
                seed = seed.next();
                byte[] block = seed.bytes(4096);
                assertEncodes(code, block, misalignment, 3 * misalignment, seed);
            }
        }
    }

    /**
     * Each of a block's bytes in turn is the only one set: shows every cell on its row and its
     * diagonals.
     */
    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void equalsTheReferenceForEverySingleSetRow(RdpCode code) {
        for (int row = 0; row < code.dataFragments() * code.rows(); row++) {
            byte[] block = new byte[4096];
            for (int x = 0; x < code.rowBytes(); x++) {
                block[row * code.rowBytes() + x] = (byte) (x | 1);
            }
            assertEncodes(code, block, 0, 0, Seed.ofRun());
        }
    }

    private static void assertEncodes(
            RdpCode code, byte[] block, int blockMisalignment, int parityMisalignment, Seed seed) {
        byte[] expected = Codes.reference(code).encode(block);
        int bytes = code.fragmentBytes();
        try (var source = new GuardedMemory(block, blockMisalignment);
                var row = new GuardedMemory(bytes, parityMisalignment);
                var diagonal = new GuardedMemory(bytes, parityMisalignment + 1)) {
            code.encode(
                    source.segment,
                    source.offset,
                    row.segment,
                    row.offset,
                    diagonal.segment,
                    diagonal.offset);
            byte[] actual = new byte[expected.length];
            System.arraycopy(source.get(), 0, actual, 0, 4096);
            System.arraycopy(row.get(), 0, actual, 4096, bytes);
            System.arraycopy(diagonal.get(), 0, actual, 4096 + bytes, bytes);
            assertArrayEquals(expected, actual, seed::toString);
        }
    }
}
