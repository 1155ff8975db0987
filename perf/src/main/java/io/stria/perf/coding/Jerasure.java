package io.stria.perf.coding;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.stria.perf.peers.PeerMissingException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Jerasure 2 over GF-Complete: its Reed-Solomon code for RAID 6 in GF(2^8). Its decoding inverts
 * the matrix in each call; there is no other way in.
 */
final class Jerasure extends PeerCode {
    private static final int WORD_BITS = 8;

    private final MethodHandle encode;
    private final MethodHandle decode;
    private final MemorySegment matrix;
    private final MemorySegment data;
    private final MemorySegment parities;

    /** The fragments' numbers, ended by -1. */
    private final MemorySegment lost;

    Jerasure(int n) throws PeerMissingException {
        super(n);
        NativeLibrary library = new NativeLibrary("libJerasure.so.2", "libjerasure2");
        encode =
                library.function(
                        "reed_sol_r6_encode",
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        ADDRESS,
                        ADDRESS,
                        JAVA_INT);
        decode =
                library.function(
                        "jerasure_matrix_decode",
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        ADDRESS,
                        JAVA_INT,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        JAVA_INT);
        MethodHandle makeMatrix =
                library.function("reed_sol_r6_coding_matrix", ADDRESS, JAVA_INT, JAVA_INT);
        try {
            matrix = (MemorySegment) makeMatrix.invokeExact(n, WORD_BITS);
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
        Arena arena = Arena.ofAuto();
        data = arena.allocate(ADDRESS, n);
        parities = arena.allocate(ADDRESS, 2);
        lost = arena.allocateFrom(JAVA_INT, LOST[0], LOST[1], -1);
    }

    @Override
    void encode(MemorySegment memory, long offset) {
        point(memory, offset);
        try {
            int done = (int) encode.invokeExact(n, WORD_BITS, data, parities, fragmentBytes);
            assert done == 1;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    @Override
    void decode(MemorySegment memory, long offset) {
        point(memory, offset);
        try {
            int status =
                    (int)
                            decode.invokeExact(
                                    n,
                                    2,
                                    WORD_BITS,
                                    matrix,
                                    1,
                                    lost,
                                    data,
                                    parities,
                                    fragmentBytes);
            assert status == 0;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    private void point(MemorySegment memory, long offset) {
        for (int fragment = 0; fragment < n; fragment++) {
            point(data, fragment, memory, offset, fragment);
        }
        point(parities, 0, memory, offset, n);
        point(parities, 1, memory, offset, n + 1);
    }
}
