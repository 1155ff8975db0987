package io.stria.perf.coding;

import io.stria.rdp.ErasurePattern;
import io.stria.rdp.RdpCode;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * So many 4 KiB blocks: both parities, the rebuilding of lost fragments, and a copy beside them. A
 * sample is long beside the clock's own time and short beside a time slice, so that the median is
 * that of an undisturbed core on a busy machine too.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RdpBenchmark {
    static final int BLOCK_BYTES = 4096;
    static final int CALLS = 256;

    @State(Scope.Thread)
    public static class Scheme {
        @Param({"1", "2", "4", "8"})
        int n;

        /** A mask of lost fragments. */
        @Param("3")
        int lost;

        RdpCode code = RdpCode.of(1);
        ErasurePattern erased = ErasurePattern.NONE;

        /** The compiler has seen every pattern, as in a node that lost something else before. */
        @Setup
        public void warmUp() {
            code = RdpCode.of(n);
            erased = ErasurePattern.ofMask(lost);
            Patterns.warmUp();
        }
    }

    @Benchmark
    public void encode(Scheme scheme, Stripes stripes) {
        RdpCode code = scheme.code;
        MemorySegment memory = stripes.memory;
        for (int call = 0; call < CALLS; call++) {
            long offset = stripes.next();
            long parity = offset + BLOCK_BYTES;
            code.encode(memory, offset, memory, parity, memory, parity + code.fragmentBytes());
        }
    }

    @Benchmark
    public void decode(Scheme scheme, Stripes stripes) {
        RdpCode code = scheme.code;
        ErasurePattern erased = scheme.erased;
        for (int call = 0; call < CALLS; call++) {
            code.decode(stripes.memory, stripes.next(), erased);
        }
    }

    @Benchmark
    public void copy(Stripes stripes) {
        MemorySegment memory = stripes.memory;
        for (int call = 0; call < CALLS; call++) {
            long offset = stripes.next();
            MemorySegment.copy(memory, offset, memory, offset + BLOCK_BYTES, BLOCK_BYTES);
        }
    }
}
