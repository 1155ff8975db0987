package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RdpCodeTest {

    @ParameterizedTest
    @CsvSource({
        "1, 3, 4096, 2, 1, 4096",
        "2, 4, 2048, 3, 2, 1024",
        "4, 6, 1024, 5, 4, 256",
        "8, 10, 512, 17, 16, 32"
    })
    void hasTheShapeOfItsScheme(
            int n, int fragments, int fragmentBytes, int prime, int rows, int rowBytes) {
        RdpCode code = RdpCode.of(n);
        assertEquals(n, code.dataFragments());
        assertEquals(fragments, code.fragments());
        assertEquals(fragmentBytes, code.fragmentBytes());
        assertEquals(prime, code.prime());
        assertEquals(rows, code.rows());
        assertEquals(rowBytes, code.rowBytes());
        assertSame(code, RdpCode.of(n));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3, 5, 16})
    void refusesOtherSchemes(int n) {
        assertThrows(IllegalArgumentException.class, () -> RdpCode.of(n));
    }

    @Test
    void refusesRangesOutsideTheMemory() {
        RdpCode code = RdpCode.of(4);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stripe = arena.allocate(6 * 1024);
            MemorySegment parity = arena.allocate(1024);
            for (long offset : new long[] {-1, 1, Long.MAX_VALUE}) {
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> code.decode(stripe, offset, ErasurePattern.of(0)));
                assertThrows(
                        IndexOutOfBoundsException.class, () -> code.isConsistent(stripe, offset));
                assertThrows(
                        IndexOutOfBoundsException.class, () -> code.locateWrong(stripe, offset));
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> code.encode(stripe, 0, parity, offset, stripe, 4096));
                assertThrows(
                        IndexOutOfBoundsException.class,
                        () -> code.encode(stripe, 0, stripe, 4096, parity, offset));
            }
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> code.encode(stripe, 2049, parity, 0, parity, 0));
        }
    }

    @Test
    void refusesHeapMemoryAndReadOnlyTargets() {
        RdpCode code = RdpCode.of(8);
        MemorySegment heap = MemorySegment.ofArray(new byte[5120]);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment readOnly = arena.allocate(5120).asReadOnly();
            assertThrows(
                    IllegalArgumentException.class,
                    () -> code.decode(heap, 0, ErasurePattern.of(0)));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> code.decode(readOnly, 0, ErasurePattern.of(0)));
            assertEquals(-1, code.locateWrong(readOnly, 0));
        }
    }

    @Test
    void refusesFreedMemory() {
        MemorySegment stripe;
        try (Arena arena = Arena.ofConfined()) {
            stripe = arena.allocate(5120);
        }
        assertThrows(IllegalStateException.class, () -> RdpCode.of(8).isConsistent(stripe, 0));
    }

    @Test
    void refusesMemoryOfAnotherThread() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stripe = arena.allocate(5120);
            var elsewhere =
                    CompletableFuture.supplyAsync(() -> RdpCode.of(8).isConsistent(stripe, 0));
            CompletionException thrown = assertThrows(CompletionException.class, elsewhere::join);
            assertInstanceOf(WrongThreadException.class, thrown.getCause());
        }
    }

    @Test
    void refusesAPatternOfFragmentsItDoesNotHave() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stripe = arena.allocate(12288);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> RdpCode.of(1).decode(stripe, 0, ErasurePattern.of(0, 3)));
        }
    }

    @Test
    void assertsThatParityDoesNotOverlapTheBlock() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8192);
            assertThrows(
                    AssertionError.class,
                    () -> RdpCode.of(8).encode(memory, 0, memory, 4095, memory, 6000));
            assertThrows(
                    AssertionError.class,
                    () -> RdpCode.of(8).encode(memory, 0, memory, 4096, memory, 4600));
        }
    }
}
