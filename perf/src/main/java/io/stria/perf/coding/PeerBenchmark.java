package io.stria.perf.coding;

import io.stria.perf.peers.PeerMissingException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The same as {@link RdpBenchmark}, done by another library. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PeerBenchmark {
    @State(Scope.Thread)
    public static class Peer {
        @Param({"isal", "jerasure"})
        String library;

        @Param({"2", "4", "8"})
        int n;

        PeerCode code;

        /** Checked before it is timed. */
        @Setup
        public void load(Stripes stripes) throws PeerMissingException {
            code = PeerCode.of(library, n);
            code.check(stripes.memory, 0);
        }
    }

    @Benchmark
    public void encode(Peer peer, Stripes stripes) {
        for (int call = 0; call < RdpBenchmark.CALLS; call++) {
            peer.code.encode(stripes.memory, stripes.next());
        }
    }

    @Benchmark
    public void decode(Peer peer, Stripes stripes) {
        for (int call = 0; call < RdpBenchmark.CALLS; call++) {
            peer.code.decode(stripes.memory, stripes.next());
        }
    }
}
