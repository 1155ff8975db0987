package io.stria.perf.micro;

import io.stria.rdp.RdpCode;
import java.lang.foreign.Arena;
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

/** Row and diagonal parity of one block of 4 KiB, by the xor kernel that this machine takes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class XorBenchmark {
    private static final int BLOCK_BYTES = 4096;

    @Param({"1", "2", "4", "8"})
    public int data;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment block = arena.allocate(BLOCK_BYTES, 64);
    private final MemorySegment parity = arena.allocate(2L * BLOCK_BYTES, 64);
    private RdpCode code = RdpCode.of(1);

    @Setup
    public void choose() {
        code = RdpCode.of(data);
    }

    @Benchmark
    public MemorySegment encode() {
        code.encode(block, 0, parity, 0, parity, BLOCK_BYTES / data);
        return parity;
    }
}
