package io.stria.perf.peers;

import io.stria.perf.load.LoadResult;
import io.stria.perf.load.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures this clone's target and its peers in turn, round by round, and prints medians and ratios
 * to the first: {@code TargetStudy HOME DIRECTORY JSON OPTIONS...}. Every round measures each
 * workload once on each peer, one right after the other, so that what else the machine does meets
 * them alike.
 */
public final class TargetStudy {
    private static final double LONG_WARM_SECONDS = 8;

    private final Plan plan;
    private final Path jsonFile;
    private final List<Peer> peers = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final Map<String, Windows> windows = new LinkedHashMap<>();
    private final List<String> ratios = new ArrayList<>();

    private TargetStudy(Plan plan, Path jsonFile) {
        this.plan = plan;
        this.jsonFile = jsonFile;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments[1]);
        String[] options = java.util.Arrays.copyOfRange(arguments, 3, arguments.length);
        Plan plan = Plan.parse(Path.of(arguments[0]), directory, options);
        new TargetStudy(plan, Path.of(arguments[2])).run();
    }

    private void run() throws IOException, InterruptedException {
        try {
            findPeers();
            for (Peer peer : List.copyOf(peers)) {
                say("starting " + peer.name() + ": " + peer.what());
                peer.start();
            }
            warm();
            for (int round = 1; round <= plan.rounds(); round++) {
                say("round %d of %d".formatted(round, plan.rounds()));
                round(round);
            }
            count();
            draw();
        } finally {
            peers.forEach(Peer::close);
        }
        print();
    }

    private void findPeers() throws IOException, InterruptedException {
        peers.add(new StriaPeer(plan));
        for (String name : plan.peers()) {
            try {
                peers.add(
                        switch (name) {
                            case "spdk" -> SpdkPeer.find(plan);
                            case "raid5f" -> SpdkPeer.findRaid(plan);
                            case "fio" -> FioPeer.find(plan);
                            default -> {
                                if (!name.contains("/")) {
                                    throw new PeerMissingException("nobody knows " + name);
                                }
                                yield StriaPeer.of(plan, Path.of(name).toAbsolutePath());
                            }
                        });
            } catch (PeerMissingException e) {
                skipped.add(name + ": " + e.getMessage());
            }
        }
        skipped.forEach(reason -> say("skipped " + reason));
    }

    private List<Workload> workloads() {
        List<Workload> all = new ArrayList<>();
        for (String pattern : plan.patterns()) {
            for (int depth : plan.depths()) {
                all.add(Workload.of(pattern, depth));
            }
        }
        return all;
    }

    /** Compilers have to see each pattern before anything counts. */
    private void warm() throws IOException, InterruptedException {
        for (String pattern : plan.patterns()) {
            for (Peer peer : peers) {
                if (peer.compiles()) {
                    peer.measure(Workload.of(pattern, 32), 0, LONG_WARM_SECONDS);
                }
            }
        }
    }

    private void round(int round) throws IOException, InterruptedException {
        for (Workload work : workloads()) {
            List<Peer> order = round % 2 == 1 ? peers : peers.reversed();
            for (Peer peer : order) {
                LoadResult result = peer.measure(work, plan.warmSeconds(), plan.seconds());
                of(peer, work).add(result);
                say("  %-14s %-6s %s".formatted(work.title(), peer.name(), result));
            }
        }
    }

    private Windows of(Peer peer, Workload work) {
        return windows.computeIfAbsent(
                work.title() + " " + peer.name(), key -> new Windows(peer.name(), work.title()));
    }

    private void count() throws IOException, InterruptedException {
        for (Workload work : workloads()) {
            for (Peer peer : peers) {
                Windows counted = of(peer, work);
                counted.callsPerIo = peer.callsPerIo(work);
                counted.allocatedPerIo = peer.allocatedPerIo(work);
                counted.writtenPerByte = peer.writtenPerByte(work);
            }
        }
    }

    /** The first pattern, at its largest depth. */
    private void draw() throws IOException, InterruptedException {
        Path picture = plan.flame();
        if (picture != null && peers.getFirst() instanceof StriaPeer own) {
            String pattern = plan.patterns().getFirst();
            own.draw(Workload.of(pattern, Collections.max(plan.depths())), picture);
            say("where its time goes: " + picture);
        }
    }

    private void print() throws IOException {
        System.out.printf(
                "%nMedians of %d windows of %.0f s, target on CPU %d, host on CPU %d, devices: %s%n",
                plan.rounds(), plan.seconds(), plan.targetCpu(), plan.hostCpu(), plan.kind());
        peers.forEach(peer -> System.out.println("  " + peer.name() + ": " + peer.what()));
        skipped.forEach(reason -> System.out.println("  skipped " + reason));
        System.out.printf(
                "%n%-14s %-6s %10s %11s %9s %9s %9s %9s %8s %6s %6s %6s%n",
                "workload",
                "peer",
                "IO/s",
                "IO/s/core",
                "mean us",
                "p50",
                "p99",
                "p99.9",
                "CPU us",
                "calls",
                "alloc",
                "w.amp");
        windows.values().forEach(row -> System.out.println(row.row()));
        printRatios();
        Files.writeString(jsonFile, json());
        System.out.println("\nalso as JSON: " + jsonFile);
    }

    /** Of medians, and so that more is better for IOPS and less for latency. */
    private void printRatios() {
        System.out.println();
        for (Workload work : workloads()) {
            Windows own = of(peers.getFirst(), work);
            for (Peer peer : peers.subList(1, peers.size())) {
                Windows other = of(peer, work);
                double iops = own.median(LoadResult::iops) / other.median(LoadResult::iops);
                double perCore = own.iopsPerCore() / other.iopsPerCore();
                double mean = own.meanUs() / other.meanUs();
                System.out.printf(
                        "%-14s stria to %s: IO/s %.2f, IO/s per core %.2f, mean latency %.2f%n",
                        work.title(), peer.name(), iops, perCore, mean);
                ratios.add(
                        "{\"workload\":\"%s\",\"peer\":\"%s\",%s,%s,%s}"
                                .formatted(
                                        work.title(),
                                        peer.name(),
                                        Windows.field("iops", iops),
                                        Windows.field("iopsPerCore", perCore),
                                        Windows.field("meanLatency", mean)));
            }
        }
    }

    private String json() {
        List<String> rows = windows.values().stream().map(Windows::json).toList();
        List<String> reasons =
                skipped.stream().map(reason -> "\"" + reason.replace('"', '\'') + "\"").toList();
        return "{\"devices\":\"%s\",\"rounds\":%d,\"seconds\":%s,\"skipped\":[%s],\"results\":[%n%s],%n\"ratios\":[%n%s]}%n"
                .formatted(
                        plan.kind(),
                        plan.rounds(),
                        String.format(Locale.ROOT, "%.1f", plan.seconds()),
                        String.join(",", reasons),
                        String.join(",\n", rows),
                        String.join(",\n", ratios));
    }

    private static void say(String line) {
        System.err.println("target: " + line);
    }
}
