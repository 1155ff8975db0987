package io.stria.dataplane.study;

import io.stria.dataplane.device.IoOp;
import io.stria.runtime.Memory;
import io.stria.runtime.MemoryFile;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongUnaryOperator;
import java.util.zip.CRC32C;

/**
 * Processor time that the chunk store adds to its device, 4 KiB, one operation at a time: {@code
 * StoreStudy JSON [ROUNDS]}; {@code perf/run store}. Both are in memory, and each has a reactor of
 * its own, over io_uring as in a node; one thread steps them by turns, and its processor time
 * counts.
 */
public final class StoreStudy {
    private static final int ROUNDS = 9;
    private static final int WINDOW = 20_000;

    /** Writes that a store takes before it begins to merge: far less than half of its journal. */
    private static final int BURST = 1000;

    private static final int WARM_WINDOWS = 4;
    private static final long DEVICE_BYTES = 4L << 30;

    /** Of data: with all headers of pages in the store's cache, and with few of them. */
    private static final long[] SPANS = {64L << 20, 2L << 30};

    private static final long SETTLE_NS = TimeUnit.SECONDS.toNanos(3);

    /**
     * Medians of windows, in ns of processor time for each operation.
     *
     * @param writtenBytes that the store has its device write for each
     */
    private record Row(
            long spanBytes, String what, double deviceNs, double storeNs, double writtenBytes) {
        String line() {
            return String.format(
                    Locale.ROOT,
                    "%,7d MiB  %-38s %9.0f %9.0f %9.0f %14.0f",
                    spanBytes >> 20,
                    what,
                    deviceNs,
                    storeNs,
                    storeNs - deviceNs,
                    writtenBytes);
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"dataMiB\":%d,\"what\":\"%s\",\"deviceNs\":%.1f,\"storeNs\":%.1f,\"addedNs\":%.1f,\"writtenBytes\":%.0f}",
                    spanBytes >> 20,
                    what,
                    deviceNs,
                    storeNs,
                    storeNs - deviceNs,
                    writtenBytes);
        }
    }

    private final int rounds;
    private final List<Row> rows = new ArrayList<>();

    private StoreStudy(int rounds) {
        this.rounds = rounds;
    }

    public static void main(String[] arguments) throws IOException {
        StoreStudy study =
                new StoreStudy(arguments.length > 1 ? Integer.parseInt(arguments[1]) : ROUNDS);
        for (long span : SPANS) {
            study.measure(span);
        }
        study.print(Path.of(arguments[0]));
    }

    private void measure(long spanBytes) throws IOException {
        Memory memory = new Memory();
        try (SteppedReactor plain = reactor(memory);
                SteppedReactor stored = reactor(memory);
                MemoryFile plainFile = file(plain, memory);
                MemoryFile storedFile = file(stored, memory)) {
            DeviceTurns device = new DeviceTurns(plain, plainFile);
            StoreTurns store = new StoreTurns(stored, storedFile);
            long blocks = spanBytes / OneAtATime.BLOCK_BYTES;
            store.fill(0, blocks / StoreTurns.CHUNK);
            for (int window = 0; window < WARM_WINDOWS; window++) {
                for (IoOp op : List.of(IoOp.WRITE, IoOp.READ)) {
                    device.cpuNs(op, WINDOW, StudyHosts.anyOf(blocks));
                    store.cpuNs(op, WINDOW, StudyHosts.anyOf(blocks));
                }
            }
            compare(spanBytes, "random read", IoOp.READ, WINDOW, device, store, () -> {});
            compare(
                    spanBytes,
                    "random write, merging included",
                    IoOp.WRITE,
                    WINDOW,
                    device,
                    store,
                    () -> {});
            compare(
                    spanBytes,
                    "random write, until merging begins",
                    IoOp.WRITE,
                    BURST,
                    device,
                    store,
                    () -> settle(store));
        }
    }

    private static SteppedReactor reactor(Memory memory) throws IOException {
        return new SteppedReactor(new IoUringEngine(UringConfig.DEFAULT, memory));
    }

    private static MemoryFile file(SteppedReactor stepped, Memory memory) {
        return new MemoryFile(stepped.engine(), memory, "device", DEVICE_BYTES, 4096);
    }

    private void compare(
            long spanBytes,
            String what,
            IoOp op,
            int count,
            DeviceTurns device,
            StoreTurns store,
            Runnable settle) {
        long blocks = spanBytes / OneAtATime.BLOCK_BYTES;
        LongUnaryOperator where = StudyHosts.anyOf(blocks);
        double[] plain = new double[rounds];
        double[] stored = new double[rounds];
        long written = 0;
        for (int round = 0; round < rounds; round++) {
            plain[round] = device.cpuNs(op, count, where);
            settle.run();
            long before = store.stats().bytesWritten();
            stored[round] = store.cpuNs(op, count, where);
            written += store.stats().bytesWritten() - before;
        }
        rows.add(
                new Row(
                        spanBytes,
                        what,
                        Samples.median(plain),
                        Samples.median(stored),
                        (double) written / rounds / count));
    }

    /** Without anything to do it merges until its journal is empty. */
    private static void settle(StoreTurns store) {
        long rounds = -1;
        long endNs = System.nanoTime() + SETTLE_NS;
        while (rounds != store.stats().mergeRounds() && System.nanoTime() < endNs) {
            rounds = store.stats().mergeRounds();
            store.stepped.run(SETTLE_NS / 10);
        }
    }

    private void print(Path json) throws IOException {
        System.out.printf(
                "Medians of %d windows of %,d operations of 4 KiB (%,d of writes until merging begins), one at a time;%n"
                        + "ns of processor time of the reactor's thread for each, devices in memory%n%n",
                rounds, WINDOW, BURST);
        System.out.printf(
                "%11s  %-38s %9s %9s %9s %14s%n",
                "data", "operation", "device", "store", "added", "bytes written");
        rows.forEach(row -> System.out.println(row.line()));
        double checksum = checksumNs();
        double copy = copyNs();
        System.out.printf(
                Locale.ROOT,
                "%nof 4 KiB in cache: a checksum %.0f ns, a copy %.0f ns%n",
                checksum,
                copy);
        Files.writeString(
                json,
                String.format(
                        Locale.ROOT,
                        "{\"rounds\":%d,\"checksumNs\":%.1f,\"copyNs\":%.1f,\"results\":[%n%s]}%n",
                        rounds,
                        checksum,
                        copy,
                        String.join(",\n", rows.stream().map(Row::json).toList())));
        System.out.println("also as JSON: " + json);
    }

    private double checksumNs() {
        ByteBuffer block = Arena.ofAuto().allocate(OneAtATime.BLOCK_BYTES, 64).asByteBuffer();
        CRC32C sum = new CRC32C();
        return medianNs(() -> {
            block.clear();
            sum.update(block);
            return sum.getValue();
        });
    }

    private double copyNs() {
        MemorySegment memory = Arena.ofAuto().allocate(2L * OneAtATime.BLOCK_BYTES, 64);
        return medianNs(() -> {
            MemorySegment.copy(memory, 0, memory, OneAtATime.BLOCK_BYTES, OneAtATime.BLOCK_BYTES);
            return 1;
        });
    }

    private double medianNs(DoubleSupplier what) {
        double[] windows = new double[rounds + WARM_WINDOWS];
        double seen = 0;
        for (int window = 0; window < windows.length; window++) {
            long beganNs = System.nanoTime();
            for (int i = 0; i < WINDOW; i++) {
                seen += what.getAsDouble();
            }
            windows[window] = (double) (System.nanoTime() - beganNs) / WINDOW;
        }
        return seen == 0 ? 0 : Samples.median(windows);
    }
}
