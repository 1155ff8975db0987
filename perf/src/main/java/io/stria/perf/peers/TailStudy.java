package io.stria.perf.peers;

import io.stria.perf.load.Latency;
import io.stria.perf.load.LoadResult;
import io.stria.perf.load.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * How late the latest answers are when a target has half of what it could do to do: {@code
 * TailStudy HOME DIRECTORY JSON [MINUTES]}. First the peak of random IO of 4 KiB, 70 % reads, of
 * this clone's node and of SPDK's target, in turn; then each at half of its own peak, at even
 * distances, whether earlier IOs have ended or not; each IO counts from when it should have begun.
 * Then the node alone for some minutes, with its JVM's pauses.
 */
public final class TailStudy {
    private static final String MIXED = "randrw";
    private static final int[] DEPTHS = {32, 128};
    private static final double PEAK_SECONDS = 3;
    private static final double WINDOW_SECONDS = 10;
    private static final double WARM_SECONDS = 8;
    private static final int ROUNDS = 3;

    private final Plan plan;
    private final Path jsonFile;
    private final int minutes;
    private final StriaPeer own;
    private final List<NvmePeer> peers = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final List<String> rows = new ArrayList<>();

    private TailStudy(Plan plan, Path jsonFile, int minutes) {
        this.plan = plan;
        this.jsonFile = jsonFile;
        this.minutes = minutes;
        this.own = new StriaPeer(plan);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Plan plan = Plan.parse(Path.of(arguments[0]), Path.of(arguments[1]), new String[0]);
        int minutes = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 10;
        new TailStudy(plan, Path.of(arguments[2]), minutes).run();
    }

    private void run() throws IOException, InterruptedException {
        try {
            findPeers();
            for (NvmePeer peer : peers) {
                say("starting " + peer.name() + ": " + peer.what());
                peer.start();
            }
            own.measure(Workload.of(MIXED, 32), 0, WARM_SECONDS);
            List<Workload> halves = new ArrayList<>();
            for (NvmePeer peer : peers) {
                halves.add(Workload.of(MIXED, 128).paced(peak(peer) / 2));
            }
            print(halves);
        } finally {
            peers.forEach(Peer::close);
        }
    }

    private void findPeers() throws IOException {
        peers.add(own);
        try {
            peers.add(SpdkPeer.find(plan));
        } catch (PeerMissingException e) {
            skipped.add("spdk: " + e.getMessage());
        }
    }

    /** IO/s as fast as answers come, at the depth where that is most. */
    private double peak(NvmePeer peer) throws IOException, InterruptedException {
        double most = 0;
        for (int depth : DEPTHS) {
            Windows windows = windows(peer, Workload.of(MIXED, depth), PEAK_SECONDS);
            most = Math.max(most, windows.median(LoadResult::iops));
        }
        return most;
    }

    private Windows windows(NvmePeer peer, Workload work, double seconds)
            throws IOException, InterruptedException {
        Windows windows = new Windows(peer.name(), work.title());
        for (int round = 0; round < ROUNDS; round++) {
            measure(peer, work, seconds, windows);
        }
        return windows;
    }

    private void measure(NvmePeer peer, Workload work, double seconds, Windows windows)
            throws IOException, InterruptedException {
        LoadResult result = peer.measure(work, plan.warmSeconds(), seconds);
        windows.add(result);
        say("  %-16s %-6s %s".formatted(work.title(), peer.name(), result));
    }

    private void print(List<Workload> halves) throws IOException, InterruptedException {
        List<Windows> counted = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            counted.add(windows(peers.get(i), halves.get(i), WINDOW_SECONDS));
        }
        Workload half = halves.getFirst();
        Workload reads = Workload.of("randread", 128).paced(half.perSecond());
        counted.add(windows(own, reads, WINDOW_SECONDS));
        Windows longRun = new Windows(own.name(), half.title() + ", long");
        Pauses pauses = runLong(half, longRun);
        counted.add(longRun);

        System.out.printf(
                "%nMedians of windows of %.0f s, target on CPU %d, host on CPU %d, devices: %s;"
                        + " half of the peak of 70 %% reads, at even distances%n",
                WINDOW_SECONDS, plan.targetCpu(), plan.hostCpu(), plan.kind());
        peers.forEach(peer -> System.out.println("  " + peer.name() + ": " + peer.what()));
        skipped.forEach(reason -> System.out.println("  skipped " + reason));
        System.out.printf(
                "%n%-24s %-6s %-6s %9s %9s %9s %9s %9s %11s%n",
                "workload",
                "peer",
                "of",
                "IO/s",
                "p50 us",
                "p99",
                "p99.9",
                "longest",
                "p99.9 / p50");
        for (Windows windows : counted) {
            row(windows, "all", LoadResult::all);
            row(windows, "reads", LoadResult::reads);
            row(windows, "writes", LoadResult::writes);
        }
        System.out.printf("%n%d minutes of the last: %s%n", minutes, pauses);
        Files.writeString(
                jsonFile,
                "{\"minutes\":%d,\"pauses\":%s,\"results\":[%n%s]}%n"
                        .formatted(minutes, pauses.json(), String.join(",\n", rows)));
        System.out.println("also as JSON: " + jsonFile);
    }

    private Pauses runLong(Workload half, Windows windows)
            throws IOException, InterruptedException {
        Path log = plan.directory().resolve("safepoints.log");
        own.logPauses(log);
        long endNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
        while (System.nanoTime() < endNs) {
            measure(own, half, WINDOW_SECONDS, windows);
        }
        return Pauses.of(log);
    }

    private void row(Windows windows, String what, Function<LoadResult, Latency> part) {
        if (windows.isEmpty()) {
            return;
        }
        double p50 = windows.median(result -> part.apply(result).p50Us());
        double p99 = windows.median(result -> part.apply(result).p99Us());
        double p999 = windows.median(result -> part.apply(result).p999Us());
        double longest = windows.largest(result -> part.apply(result).maxUs());
        if (Double.isNaN(p50)) {
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%-24s %-6s %-6s %,9.0f %,9.1f %,9.1f %,9.1f %,9.0f %11.1f%n",
                windows.workload,
                windows.peer,
                what,
                windows.median(LoadResult::iops),
                p50,
                p99,
                p999,
                longest,
                p999 / p50);
        rows.add(
                "{\"peer\":\"%s\",\"workload\":\"%s\",\"of\":\"%s\",%s,%s,%s,%s}"
                        .formatted(
                                windows.peer,
                                windows.workload,
                                what,
                                Windows.field("p50Us", p50),
                                Windows.field("p99Us", p99),
                                Windows.field("p999Us", p999),
                                Windows.field("longestUs", longest)));
    }

    private static void say(String line) {
        System.err.println("tails: " + line);
    }
}
