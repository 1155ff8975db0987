package io.stria.perf.peers;

import io.stria.perf.load.LoadHost;
import io.stria.perf.load.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What devices are asked to write for each byte of fragments that owners write: {@code
 * AmplificationStudy HOME DIRECTORY [DATA_FRAGMENTS...]}. Counts, not times: they are the same on a
 * busy machine, but for how many writes of a block are under way together.
 */
public final class AmplificationStudy {
    private static final int PORT_BASE = 27_820;
    private static final long DEVICE_BYTES = 512L << 20;

    /** Of the devices, as data of hosts. */
    private static final double FULL = 0.7;

    /** Each device's part of what is overwritten again and again: a quarter of its journal. */
    private static final long WORKING_SET_BYTES = DEVICE_BYTES / 64 / 4;

    /** How often each block of it is overwritten before that counts, and how often it counts. */
    private static final int TIMES = 16;

    private static final Workload FILLING = Workload.of("write", 8);
    private static final Workload OVERWRITING = Workload.of("randwrite", 32);

    /** So far, in bytes. */
    private record Counted(double fragments, double data, double metadata) {
        static Counted of(Cluster node) throws IOException, InterruptedException {
            String written = "stria_device_written_bytes_total";
            double all = node.sum(written, labels -> true);
            double headers = node.sum(written, labels -> labels.contains("part=\"header\""));
            return new Counted(
                    node.sum(
                            "stria_device_bytes_total",
                            labels -> labels.contains("operation=\"write\"")),
                    all - headers,
                    headers);
        }

        Counted since(Counted before) {
            return new Counted(
                    fragments - before.fragments, data - before.data, metadata - before.metadata);
        }

        String row(int dataFragments, String what) {
            return "%-6s %-44s %,9.0f %7.2f %14.3f"
                    .formatted(
                            dataFragments + "+2",
                            what,
                            fragments / (1 << 20),
                            (data + metadata) / fragments,
                            metadata / fragments);
        }
    }

    private final Cluster node;
    private final LoadHost host;
    private final int dataFragments;

    private AmplificationStudy(Cluster node, LoadHost host, int dataFragments) {
        this.node = node;
        this.host = host;
        this.dataFragments = dataFragments;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path home = Path.of(arguments[0]);
        Path directory = Path.of(arguments[1]);
        List<Integer> schemes =
                arguments.length > 2
                        ? Arrays.stream(arguments).skip(2).map(Integer::valueOf).toList()
                        : List.of(1, 2, 4, 8);
        System.out.printf(
                "%-6s %-44s %9s %7s %14s%n", "scheme", "writes", "MiB", "ratio", "of it headers");
        for (int dataFragments : schemes) {
            Cluster.Shape shape = Cluster.Shape.ofOneNode(dataFragments, "ram", DEVICE_BYTES);
            Path place = directory.resolve("cluster-" + dataFragments);
            try (Cluster node = new Cluster(home, place, PORT_BASE, "0", shape);
                    LoadHost host = new LoadHost(node.address(), 1, -1)) {
                new AmplificationStudy(node, host, dataFragments).run();
            }
        }
    }

    private void run() throws IOException, InterruptedException {
        long span =
                Math.min(host.bytes(), (long) (FULL * DEVICE_BYTES * dataFragments))
                        / FILLING.bytes()
                        * FILLING.bytes();
        Counted start = Counted.of(node);
        host.fill(span);
        print("one after the other, 128 KiB, to empty pages", start);

        long set = WORKING_SET_BYTES * dataFragments;
        overwrite(set, TIMES);
        Counted warm = Counted.of(node);
        overwrite(set, TIMES);
        print("4 KiB at random, over and over in %d MiB".formatted(set >> 20), warm);

        overwrite(span, 1);
        Counted spread = Counted.of(node);
        overwrite(span, 1);
        print("4 KiB at random, all over, %.0f %% full".formatted(100 * FULL), spread);
    }

    private void print(String what, Counted before) throws IOException, InterruptedException {
        System.out.println(Counted.of(node).since(before).row(dataFragments, what));
    }

    private void overwrite(long spanBytes, int times) throws IOException {
        host.repeat(OVERWRITING, spanBytes, times * spanBytes / OVERWRITING.bytes());
    }
}
