package io.stria.perf.micro;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The checksum of one fragment. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CrcBenchmark {
    private final CRC32C crc = new CRC32C();

    @Param({"512", "1024", "2048", "4096"})
    public int bytes;

    private ByteBuffer fragment = ByteBuffer.allocate(0);

    @Setup
    public void allocate() {
        fragment = ByteBuffer.allocateDirect(bytes);
    }

    @Benchmark
    public long crc32c() {
        crc.reset();
        fragment.clear();
        crc.update(fragment);
        return crc.getValue();
    }
}
