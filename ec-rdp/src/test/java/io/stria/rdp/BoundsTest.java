package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What just fits, and what just does not. */
class BoundsTest {
    @Test
    void aPatternNamesTenFragmentsAndLosesTwo() {
        assertEquals(2, new ErasurePattern(0b11_0000_0000).count());
        assertTrue(ErasurePattern.of(9).contains(9));
        assertFalse(ErasurePattern.of(9).contains(10));
        assertTrue(ErasurePattern.of(0).contains(0));
        assertThrows(IllegalArgumentException.class, () -> new ErasurePattern(1 << 10));
        assertThrows(IllegalArgumentException.class, () -> ErasurePattern.ofMask(1 << 10));
        assertEquals(
                "fragment 10",
                assertThrows(IllegalArgumentException.class, () -> ErasurePattern.of(10))
                        .getMessage());
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void aFragmentThatTheSchemeDoesNotHaveCannotBeLost(RdpCode code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stripe = arena.allocate(Codes.stripeBytes(code));
            int beyond = code.fragments();
            if (beyond < ErasurePattern.FRAGMENTS_MAX) {
                ErasurePattern erased = ErasurePattern.of(beyond);
                assertThrows(IllegalArgumentException.class, () -> code.decode(stripe, 0, erased));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void aStripeThatIsAByteShortIsRefused(RdpCode code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stripe = arena.allocate(Codes.stripeBytes(code) - 1);
            ErasurePattern erased = ErasurePattern.of(0);
            assertThrows(IndexOutOfBoundsException.class, () -> code.decode(stripe, 0, erased));
            assertThrows(IndexOutOfBoundsException.class, () -> code.isConsistent(stripe, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> code.locateWrong(stripe, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("io.stria.rdp.Codes#all")
    void parityMayStandDirectlyBeforeAndBehindItsBlock(RdpCode code) {
        int bytes = code.fragmentBytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2L * bytes + 4096);
            code.encode(memory, bytes, memory, 0, memory, bytes + 4096L);
            code.encode(memory, bytes, memory, bytes + 4096L, memory, 0);
            code.encode(memory, 0, memory, 4096, memory, 4096L + bytes);
            assertTrue(code.isConsistent(memory, 0));
        }
    }

    @Test
    void aCodeSaysWhatItIs() {
        assertTrue(RdpCode.of(4).toString().startsWith("RDP 4+2 (p = 5, "));
    }
}
