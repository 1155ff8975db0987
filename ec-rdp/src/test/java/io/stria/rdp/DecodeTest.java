package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecodeTest {

    private static final int[] MISALIGNMENTS = {0, 1, 13};

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void rebuildsAnyOneOrTwoLostFragments(RdpCode code) {
        Seed seed = Seed.ofRun();
        for (int misalignment : MISALIGNMENTS) {
            for (int a = 0; a < code.fragments(); a++) {
                for (int b = a; b < code.fragments(); b++) {
                    seed = seed.next();
                    byte[] intact = Codes.reference(code).encode(seed.bytes(4096));
                    assertRebuilds(code, intact, ErasurePattern.of(a, b), misalignment, seed);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void leavesAStripeAloneWhenNothingIsLost(RdpCode code) {
        byte[] anything = Seed.ofRun().bytes(Codes.stripeBytes(code));
        try (var memory = new GuardedMemory(anything, 13)) {
            code.decode(memory.segment, memory.offset, ErasurePattern.NONE);
            assertArrayEquals(anything, memory.get());
        }
    }

    /**
     * Survivors that do not fit each other: what is rebuilt follows from them alone, and they stay
     * untouched.
     */
    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void writesTheLostFragmentsOnly(RdpCode code) {
        for (int a = 0; a < code.fragments(); a++) {
            for (int b = a; b < code.fragments(); b++) {
                ErasurePattern lost = ErasurePattern.of(a, b);
                byte[] anything = Seed.ofRun().bytes(Codes.stripeBytes(code));
                try (var memory = new GuardedMemory(anything, 1)) {
                    code.decode(memory.segment, memory.offset, lost);
                    byte[] after = memory.get();
                    for (int k = 0; k < after.length; k++) {
                        if (!lost.contains(k / code.fragmentBytes())) {
                            assertEquals(anything[k], after[k], lost + " at " + k);
                        }
                    }
                    assertTrue(a == b || code.isConsistent(memory.segment, memory.offset));
                }
            }
        }
    }

    /** The reference itself, so that agreeing with it means something. */
    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void theReferenceRebuildsToo(RdpCode code) {
        Seed seed = Seed.ofRun();
        ReferenceRdp reference = Codes.reference(code);
        byte[] intact = reference.encode(seed.bytes(4096));
        for (int a = 0; a < code.fragments(); a++) {
            for (int b = a; b < code.fragments(); b++) {
                assertArrayEquals(
                        intact, reference.rebuild(intact, 1 << a | 1 << b), seed::toString);
            }
        }
    }

    private static void assertRebuilds(
            RdpCode code, byte[] intact, ErasurePattern lost, int misalignment, Seed seed) {
        try (var memory = new GuardedMemory(intact, misalignment)) {
            for (int fragment = 0; fragment < code.fragments(); fragment++) {
                if (lost.contains(fragment)) {
                    memory.fill(fragment * code.fragmentBytes(), code.fragmentBytes(), 0xee);
                }
            }
            assertFalse(code.isConsistent(memory.segment, memory.offset));
            code.decode(memory.segment, memory.offset, lost);
            assertArrayEquals(intact, memory.get(), () -> lost + ", " + seed);
        }
    }
}
