package io.stria.dataplane.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A batch of the chunk store's journal, without its device: records of one fragment of 4 KiB each
 * are built in the ring's image, as for a write of a host, sealed under a head, and the batch is
 * appended and left behind by the tail.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JournalBenchmark {
    private static final int FRAGMENT_SHIFT = 12;
    private static final int FRAGMENT_BYTES = 1 << FRAGMENT_SHIFT;
    private static final int DESCRIPTOR_BYTES =
            JournalRecord.descriptorBytes(JournalRecord.WRITE, 1);
    private static final int RECORD_BYTES = DESCRIPTOR_BYTES + FRAGMENT_BYTES;
    private static final long KEY = 7L << 39;
    private static final long FORMAT_ID = 1;

    /** That have arrived while the batch before was on its way. */
    @Param({"1", "32"})
    public int records;

    private final Arena arena = Arena.ofAuto();
    private final Layout layout =
            Layout.plan(2L << 30, 4096, 8, StoreConfig.defaults().ringBytesMax());
    private final JournalRing ring = new JournalRing(arena, layout, new Shadows(arena, layout));
    private final Area image = ring.image();
    private final Area scratch = new Area(arena, 4096);
    private final MemorySegment fragment = arena.allocate(FRAGMENT_BYTES, 8);
    private long version;

    @Benchmark
    public long append() {
        int bytes = BatchHead.BYTES + records * RECORD_BYTES;
        int batchBytes = (int) Layout.roundUp(bytes, layout.blockBytes());
        long position = ring.headPosition();
        int left = ring.ringBytes() - ring.offset(position);
        if (left < batchBytes) {
            position += left;
        }
        int offset = ring.offset(position);
        int at = offset + BatchHead.BYTES;
        for (int i = 0; i < records; i++) {
            putRecord(at);
            at += RECORD_BYTES;
        }
        image.zero(at, offset + batchBytes - at);
        long sequence = ring.headSequence() + 1;
        BatchHead.put(
                image,
                offset,
                FORMAT_ID,
                sequence,
                sequence,
                position,
                batchBytes,
                records,
                0,
                scratch);
        ring.append(sequence, position, batchBytes, sequence);
        ring.unpin((int) sequence);
        ring.advancedTail();
        return sequence;
    }

    private void putRecord(int at) {
        int data = at + DESCRIPTOR_BYTES;
        image.copyFrom(fragment, 0, data, FRAGMENT_BYTES);
        JournalRecord.putCrc(image, at, 0, image.crc(data, FRAGMENT_BYTES));
        JournalRecord.putCrc(image, at, 1, 0);
        JournalRecord.putHead(
                image, at, JournalRecord.WRITE, FRAGMENT_SHIFT, 0, KEY, ++version, 0, 0, 1);
        JournalRecord.seal(image, at);
    }
}
