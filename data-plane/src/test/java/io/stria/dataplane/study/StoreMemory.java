package io.stria.dataplane.study;

import io.stria.runtime.Memory;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Memory of a chunk store by how much it holds: {@code StoreMemory JSON [GIB]}; {@code perf/run
 * memory}. The store is the product's, on a device that keeps nothing of what is written to pages:
 * so it can be filled far beyond what this machine has, with nothing but fresh chunks. What is
 * resident is this process's, as the kernel counts it.
 */
public final class StoreMemory {
    private static final long GIB = 1L << 30;
    private static final long DEVICE_BYTES = 1100 * GIB;
    private static final int CHUNKS_PER_GIB =
            (int) (GIB / ((long) StoreTurns.CHUNK * OneAtATime.BLOCK_BYTES));
    private static final int POINTS = 4;

    /** Before the first point: until then the journal and caches of the store fill. */
    private static final int WARM_GIB = 16;

    private static final double MIB = 1 << 20;

    /**
     * What is resident beyond what the process had before it had a store.
     *
     * @param plannedBytes what the store itself says that it has made
     */
    private record Point(long dataBytes, long residentBytes, long plannedBytes) {
        String json() {
            return "{\"dataBytes\":%d,\"residentBytes\":%d,\"plannedBytes\":%d}"
                    .formatted(dataBytes, residentBytes, plannedBytes);
        }
    }

    private final List<Point> points = new ArrayList<>();
    private long withoutBytes;

    private StoreMemory() {}

    public static void main(String[] arguments) throws IOException {
        int gib = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 256;
        new StoreMemory().run(gib, Path.of(arguments[0]));
    }

    private void run(int gib, Path json) throws IOException {
        Memory memory = new Memory();
        try (SteppedReactor stepped =
                new SteppedReactor(new IoUringEngine(UringConfig.DEFAULT, memory))) {
            HollowFile device = new HollowFile(stepped.engine(), memory, DEVICE_BYTES);
            withoutBytes = resident();
            StoreTurns store = new StoreTurns(stepped, device);
            System.out.printf("one store on a device of %,d GiB%n%n", DEVICE_BYTES / GIB);
            System.out.printf("%10s %14s%n", "data GiB", "resident MiB");
            point(store, 0);
            fill(store, 0, WARM_GIB);
            for (int point = 0; point <= POINTS; point++) {
                int from = WARM_GIB + Math.max(0, point - 1) * gib / POINTS;
                int to = WARM_GIB + point * gib / POINTS;
                fill(store, from, to);
                point(store, to * GIB);
            }
            if (store.stats().headerReads() > 0) {
                throw new IOException("a header was read that the device has not kept");
            }
        }
        print(json);
    }

    private static void fill(StoreTurns store, int fromGib, int toGib) {
        store.fill((long) fromGib * CHUNKS_PER_GIB, (long) (toGib - fromGib) * CHUNKS_PER_GIB);
    }

    private void point(StoreTurns store, long dataBytes) throws IOException {
        Point point = new Point(dataBytes, resident() - withoutBytes, store.stats().memoryBytes());
        points.add(point);
        System.out.printf(
                Locale.ROOT, "%10d %14.1f%n", dataBytes / GIB, point.residentBytes() / MIB);
    }

    private void print(Path json) throws IOException {
        Point first = points.get(1);
        Point last = points.getLast();
        double slope =
                (double) (last.residentBytes() - first.residentBytes())
                        / (last.dataBytes() - first.dataBytes());
        System.out.printf(
                Locale.ROOT,
                "%nfor each TiB of fragments %.3f GiB more, %.1f bytes for each chunk of %d KiB;"
                        + " whatever it holds %.1f MiB%n"
                        + "all that the store plans for this device: %.1f MiB, of which what is not touched takes no room%n",
                slope * 1024,
                slope * StoreTurns.CHUNK * OneAtATime.BLOCK_BYTES,
                StoreTurns.CHUNK * OneAtATime.BLOCK_BYTES >> 10,
                (last.residentBytes() - slope * last.dataBytes()) / MIB,
                last.plannedBytes() / MIB);
        Files.writeString(
                json,
                String.format(
                        Locale.ROOT,
                        "{\"gibPerTib\":%.4f,\"points\":[%n%s]}%n",
                        slope * 1024,
                        String.join(",\n", points.stream().map(Point::json).toList())));
        System.out.println("also as JSON: " + json);
    }

    /** Bytes, after garbage was collected. */
    private static long resident() throws IOException {
        System.gc();
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }
}
