package io.stria.perf.micro;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.DataPdu;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a 4 KiB read has a target do with PDUs: a capsule is read, a data header written. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PduBenchmark {
    private static final int BLOCK_BYTES = 4096;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment capsule = capsule();
    private final MemorySegment header = arena.allocate(DataPdu.BYTES, 8);
    private final PduReader reader =
            new PduReader(arena, new PduLimits(true, 8192, 1 << 20, 4), new Counter());
    private long headers;

    private MemorySegment capsule() {
        MemorySegment pdu = arena.allocate(CapsuleCmd.BYTES, 8);
        CapsuleCmd.writeHeader(pdu, 0);
        SubmissionEntry.write(pdu, CapsuleCmd.SQE, IoOpcode.READ, 1, 1);
        SubmissionEntry.putLbas(pdu, CapsuleCmd.SQE, 7, 1);
        SglDescriptor.write(
                pdu, CapsuleCmd.SQE + SubmissionEntry.SGL, SglDescriptor.ID_TRANSPORT, BLOCK_BYTES);
        PduHeader.frame(pdu, 0, 0, 4, false, false);
        return pdu;
    }

    @Benchmark
    public long readCapsule() {
        int taken = reader.read(capsule, 0, CapsuleCmd.BYTES);
        return headers + taken;
    }

    @Benchmark
    public int writeDataHeader() {
        DataPdu.write(header, 0, PduType.C2H_DATA, PduHeader.FLAG_LAST, 1, 0, 0, BLOCK_BYTES);
        return PduHeader.frame(header, 0, BLOCK_BYTES, 4, false, false);
    }

    private final class Counter implements PduReader.Handler {
        @Override
        public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
            headers++;
            return true;
        }

        @Override
        public void onData(MemorySegment source, long offset, int length) {}

        @Override
        public void onEnd(boolean dataIntact) {}
    }
}
