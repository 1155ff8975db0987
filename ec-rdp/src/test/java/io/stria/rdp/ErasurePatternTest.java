package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErasurePatternTest {

    @Test
    void knowsWhatIsLost() {
        ErasurePattern pattern = ErasurePattern.of(9, 3);
        assertEquals(0b10_0000_1000, pattern.mask());
        assertEquals(2, pattern.count());
        assertTrue(pattern.contains(3));
        assertTrue(pattern.contains(9));
        assertFalse(pattern.contains(0));
        assertFalse(pattern.contains(-23));
        assertFalse(pattern.contains(35));
        assertFalse(pattern.isEmpty());
        assertTrue(ErasurePattern.NONE.isEmpty());
        assertEquals(0, ErasurePattern.of().mask());
    }

    @Test
    void isOneSharedInstancePerPattern() {
        for (int a = 0; a < 10; a++) {
            for (int b = 0; b < 10; b++) {
                assertSame(ErasurePattern.ofMask(1 << a | 1 << b), ErasurePattern.of(b, a));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0b111, 0b11_0000_0001, 1 << 10, Integer.MIN_VALUE})
    void refusesMasksThatCannotBeRebuilt(int mask) {
        assertThrows(IllegalArgumentException.class, () -> ErasurePattern.ofMask(mask));
    }

    @Test
    void refusesFragmentsThatNoSchemeHas() {
        assertThrows(IllegalArgumentException.class, () -> ErasurePattern.of(10));
        assertThrows(IllegalArgumentException.class, () -> ErasurePattern.of(-1));
        assertThrows(IllegalArgumentException.class, () -> ErasurePattern.of(32));
        assertThrows(IllegalArgumentException.class, () -> ErasurePattern.of(1, 2, 3));
    }
}
