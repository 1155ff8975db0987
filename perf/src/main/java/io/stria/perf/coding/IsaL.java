package io.stria.perf.coding;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.stria.perf.peers.PeerMissingException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Intel's Intelligent Storage Acceleration Library: P and Q as of RAID 6 ({@code pq_gen}), and
 * Reed-Solomon decoding ({@code ec_encode_data} with the inverse matrix, whose tables are made
 * before, as a store would keep them).
 */
final class IsaL extends PeerCode {
    /** Of a coefficient, in the library's expanded tables. */
    private static final int TABLE_BYTES = 32;

    private final MethodHandle pqGen;
    private final MethodHandle encodeData;
    private final MemorySegment parityPointers;
    private final MemorySegment sources;
    private final MemorySegment targets;
    private final MemorySegment encodeTables;
    private final MemorySegment decodeTables;

    IsaL(int n) throws PeerMissingException {
        super(n);
        NativeLibrary library = new NativeLibrary("libisal.so.2", "libisal2");
        pqGen = library.function("pq_gen", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
        encodeData =
                library.function(
                        "ec_encode_data",
                        null,
                        JAVA_INT,
                        JAVA_INT,
                        JAVA_INT,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS);
        Arena arena = Arena.ofAuto();
        parityPointers = arena.allocate(ADDRESS, n + 2);
        sources = arena.allocate(ADDRESS, n);
        targets = arena.allocate(ADDRESS, LOST.length);
        encodeTables = arena.allocate((long) n * LOST.length * TABLE_BYTES, 64);
        decodeTables = arena.allocate((long) n * LOST.length * TABLE_BYTES, 64);
        makeTables(library, arena);
    }

    private void makeTables(NativeLibrary library, Arena arena) throws PeerMissingException {
        MethodHandle cauchy =
                library.function("gf_gen_cauchy1_matrix", null, ADDRESS, JAVA_INT, JAVA_INT);
        MethodHandle invert =
                library.function("gf_invert_matrix", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
        MethodHandle initTables =
                library.function("ec_init_tables", null, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
        MemorySegment all = arena.allocate((long) (n + 2) * n);
        // Rows of what is left: data from the third fragment on, then both parities.
        MemorySegment left = arena.allocate((long) n * n);
        MemorySegment inverse = arena.allocate((long) n * n);
        try {
            cauchy.invokeExact(all, n + 2, n);
            MemorySegment.copy(all, (long) LOST.length * n, left, 0, (long) n * n);
            if ((int) invert.invokeExact(left, inverse, n) != 0) {
                throw new IllegalStateException("the matrix has no inverse");
            }
            initTables.invokeExact(n, 2, all.asSlice((long) n * n), encodeTables);
            // The inverse's first rows are those of the two fragments that are lost.
            initTables.invokeExact(n, LOST.length, inverse, decodeTables);
        } catch (IllegalStateException e) {
            throw e;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    @Override
    void encode(MemorySegment memory, long offset) {
        for (int fragment = 0; fragment < n + 2; fragment++) {
            point(parityPointers, fragment, memory, offset, fragment);
        }
        try {
            int status = (int) pqGen.invokeExact(n + 2, fragmentBytes, parityPointers);
            assert status == 0;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    @Override
    void encodeForDecode(MemorySegment memory, long offset) {
        call(encodeTables, memory, offset, 0, n);
    }

    @Override
    void decode(MemorySegment memory, long offset) {
        call(decodeTables, memory, offset, LOST.length, 0);
    }

    /** From n fragments to two, each from a number on. */
    private void call(
            MemorySegment tables, MemorySegment memory, long offset, int source, int target) {
        for (int i = 0; i < n; i++) {
            point(sources, i, memory, offset, source + i);
        }
        for (int i = 0; i < LOST.length; i++) {
            point(targets, i, memory, offset, target + i);
        }
        try {
            encodeData.invokeExact(fragmentBytes, n, LOST.length, tables, sources, targets);
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }
}
