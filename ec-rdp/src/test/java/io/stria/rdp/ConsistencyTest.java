package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConsistencyTest {

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void anEncodedStripeIsConsistent(RdpCode code) {
        Seed seed = Seed.ofRun();
        for (int misalignment : new int[] {0, 1, 13}) {
            try (var memory = encoded(code, seed, misalignment)) {
                assertTrue(code.isConsistent(memory.segment, memory.offset), seed::toString);
                assertEquals(-1, code.locateWrong(memory.segment, memory.offset), seed::toString);
            }
            seed = seed.next();
        }
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void anyFlippedBitIsSeenAndItsFragmentNamed(RdpCode code) {
        Seed seed = Seed.ofRun();
        try (var memory = encoded(code, seed, 13)) {
            byte[] before = memory.get();
            for (int bit = 0; bit < before.length * 8; bit++) {
                memory.flip(bit / 8, 1 << bit % 8);
                assertFalse(code.isConsistent(memory.segment, memory.offset), seed::toString);
                assertEquals(
                        bit / 8 / code.fragmentBytes(),
                        code.locateWrong(memory.segment, memory.offset),
                        seed::toString);
                memory.flip(bit / 8, 1 << bit % 8);
            }
            assertArrayEquals(before, memory.get());
        }
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void namesAFragmentThatIsWrongInOneRow(RdpCode code) {
        Seed seed = Seed.ofRun();
        Random random = seed.random();
        for (int fragment = 0; fragment < code.fragments(); fragment++) {
            for (int row = 0; row < code.rows(); row++) {
                try (var memory = encoded(code, seed, 1)) {
                    int at = fragment * code.fragmentBytes() + row * code.rowBytes();
                    damage(memory, at, code.rowBytes(), random);
                    assertEquals(
                            fragment,
                            code.locateWrong(memory.segment, memory.offset),
                            () -> "row of fragment, " + seed);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void namesAFragmentThatIsAllWrong(RdpCode code) {
        Seed seed = Seed.ofRun();
        Random random = seed.random();
        for (int fragment = 0; fragment < code.fragments(); fragment++) {
            for (int round = 0; round < 20; round++) {
                try (var memory = encoded(code, seed, 0)) {
                    int at = fragment * code.fragmentBytes();
                    damage(memory, at, code.fragmentBytes(), random);
                    assertEquals(
                            fragment,
                            code.locateWrong(memory.segment, memory.offset),
                            seed::toString);
                }
            }
        }
    }

    /**
     * As a write to the wrong place leaves it: every byte is xored with the same value, also with
     * itself shifted.
     */
    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void namesAFragmentWhoseErrorRepeatsInEveryRow(RdpCode code) {
        Seed seed = Seed.ofRun();
        for (int fragment = 0; fragment < code.fragments(); fragment++) {
            try (var memory = encoded(code, seed, 0)) {
                for (int x = 0; x < code.fragmentBytes(); x++) {
                    memory.flip(fragment * code.fragmentBytes() + x, 0xff);
                }
                assertEquals(
                        fragment, code.locateWrong(memory.segment, memory.offset), seed::toString);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void twoWrongFragmentsAreNeverConsistentAndAtRandomNeverOne(RdpCode code) {
        Seed seed = Seed.ofRun();
        Random random = seed.random();
        for (int a = 0; a < code.fragments(); a++) {
            for (int b = a + 1; b < code.fragments(); b++) {
                try (var memory = encoded(code, seed, 0)) {
                    damage(memory, a * code.fragmentBytes(), code.fragmentBytes(), random);
                    damage(memory, b * code.fragmentBytes(), code.fragmentBytes(), random);
                    assertFalse(code.isConsistent(memory.segment, memory.offset), seed::toString);
                    assertEquals(
                            -2, code.locateWrong(memory.segment, memory.offset), seed::toString);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void twoWrongRowsAnywhereAreNeverConsistent(RdpCode code) {
        Seed seed = Seed.ofRun();
        Random random = seed.random();
        int cells = code.fragments() * code.rows();
        try (var memory = encoded(code, seed, 0)) {
            byte[] intact = memory.get();
            for (int a = 0; a < cells; a++) {
                for (int b = a + 1; b < cells; b++) {
                    int error = 1 + random.nextInt(255);
                    memory.flip(a * code.rowBytes(), error);
                    memory.flip(b * code.rowBytes(), error);
                    assertFalse(code.isConsistent(memory.segment, memory.offset), seed::toString);
                    int named = code.locateWrong(memory.segment, memory.offset);
                    int fragmentOfA = a / code.rows();
                    if (fragmentOfA == b / code.rows()) {
                        assertEquals(fragmentOfA, named, seed::toString);
                    } else {
                        assertNotEquals(-1, named, seed::toString);
                    }
                    memory.flip(a * code.rowBytes(), error);
                    memory.flip(b * code.rowBytes(), error);
                }
            }
            assertArrayEquals(intact, memory.get());
        }
    }

    /**
     * The limit that the Javadoc states. With one more bit set in a(0,0), another stripe is
     * consistent that differs in r(0), which is on no diagonal, and in q(0), and nowhere else. So
     * a(0,0) and r(0) wrong look like q(0) wrong.
     */
    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void twoWrongFragmentsOfMatchingShapeLookLikeAThird(RdpCode code) {
        Seed seed = Seed.ofRun();
        try (var memory = encoded(code, seed, 0)) {
            int n = code.dataFragments();
            memory.flip(0, 1);
            memory.flip(n * code.fragmentBytes(), 1);
            assertEquals(n + 1, code.locateWrong(memory.segment, memory.offset));
            memory.flip((n + 1) * code.fragmentBytes(), 1);
            assertEquals(-1, code.locateWrong(memory.segment, memory.offset));
        }
    }

    private static GuardedMemory encoded(RdpCode code, Seed seed, int misalignment) {
        return new GuardedMemory(Codes.reference(code).encode(seed.bytes(4096)), misalignment);
    }

    /** Random damage that does change something. */
    private static void damage(GuardedMemory memory, int at, int length, Random random) {
        int sure = random.nextInt(length);
        for (int x = 0; x < length; x++) {
            int error = random.nextInt(256);
            memory.flip(at + x, x == sure ? error | 1 : error);
        }
    }
}
