package io.stria.perf.coding;

import io.stria.rdp.ErasurePattern;
import io.stria.rdp.RdpCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/** Every loss of two fragments, and which of them takes longest to rebuild. */
final class Patterns {
    private static final int ROUNDS = 9;
    private static final int CALLS = 2_000;

    private Patterns() {}

    static List<ErasurePattern> pairs(RdpCode code) {
        return IntStream.range(0, 1 << code.fragments())
                .filter(mask -> Integer.bitCount(mask) == 2)
                .mapToObj(ErasurePattern::ofMask)
                .toList();
    }

    static void warmUp() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stripe = arena.allocate(Stripes.SLOT_BYTES, 4096);
            for (int round = 0; round < ROUNDS; round++) {
                for (int n = 1; n <= 8; n *= 2) {
                    RdpCode code = RdpCode.of(n);
                    pairs(code).forEach(erased -> nanos(code, stripe, erased));
                }
            }
        }
    }

    /** By the best of several rounds, in cache. */
    static ErasurePattern slowest(RdpCode code) {
        List<ErasurePattern> pairs = pairs(code);
        long[] best = new long[pairs.size()];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stripe = arena.allocate(Stripes.SLOT_BYTES, 4096);
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < best.length; i++) {
                    long nanos = nanos(code, stripe, pairs.get(i));
                    best[i] = round == 0 ? nanos : Math.min(best[i], nanos);
                }
            }
        }
        int slowest =
                IntStream.range(0, best.length).reduce(0, (a, b) -> best[b] > best[a] ? b : a);
        return pairs.get(slowest);
    }

    private static long nanos(RdpCode code, MemorySegment stripe, ErasurePattern erased) {
        long before = System.nanoTime();
        for (int call = 0; call < CALLS; call++) {
            code.decode(stripe, 0, erased);
        }
        return System.nanoTime() - before;
    }

    /** Such as "d0 d7", "d3 row", "row diagonal". */
    static String name(RdpCode code, ErasurePattern erased) {
        StringBuilder name = new StringBuilder();
        for (int fragment = 0; fragment < code.fragments(); fragment++) {
            if (erased.contains(fragment)) {
                name.append(name.isEmpty() ? "" : " ").append(name(code, fragment));
            }
        }
        return name.toString();
    }

    private static String name(RdpCode code, int fragment) {
        int parity = fragment - code.dataFragments();
        return parity < 0 ? "d" + fragment : parity == 0 ? "row" : "diagonal";
    }
}
