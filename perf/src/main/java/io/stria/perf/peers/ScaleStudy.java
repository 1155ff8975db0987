package io.stria.perf.peers;

import io.stria.perf.load.LoadHost;
import io.stria.perf.load.LoadResult;
import io.stria.perf.load.ProcessCpu;
import io.stria.perf.load.TargetAddress;
import io.stria.perf.load.Workload;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/**
 * What a second core gives five nodes with two 2+2 volumes of one owner: {@code ScaleStudy HOME
 * DIRECTORY JSON [ROUNDS]}. The nodes are kept on CPU 0, then on CPUs 0 and 1, round by round; a
 * host for each volume is on CPU 1, asleep while it waits. With two cores the nodes share the
 * second one with the hosts: so what they got of it is counted, and IO is told for each second of
 * theirs, too.
 */
public final class ScaleStudy {
    private static final int PORT_BASE = 28_020;
    private static final int NODES = 5;
    private static final long DEVICE_BYTES = 1L << 30;
    private static final long SPAN_BYTES = 256L << 20;
    private static final int VOLUMES_MAX = 12;
    private static final int HOST_CPU = 1;
    private static final int DEPTH = 32;
    private static final int ROUNDS = 3;
    private static final double WARM_SECONDS = 10;
    private static final double SECONDS = 5;
    private static final double US_PER_S = 1e6;
    private static final String[] CPUS = {"0", "0,1"};

    /** A window: processor time in us for each IO, of all nodes, the owner's reactor, hosts. */
    private record Window(double iops, double nodesUs, double ownerUs, double hostsUs) {
        double nodeCores() {
            return nodesUs * iops / US_PER_S;
        }

        double ownerCores() {
            return ownerUs * iops / US_PER_S;
        }

        double hostCores() {
            return hostsUs * iops / US_PER_S;
        }
    }

    private final Cluster cluster;
    private final int rounds;
    private final ExecutorService threads;
    private final Map<String, List<Window>> windows = new LinkedHashMap<>();
    private final List<TargetAddress> volumes = new ArrayList<>();
    private long ownerPid;

    private ScaleStudy(Cluster cluster, int rounds, ExecutorService threads) {
        this.cluster = cluster;
        this.rounds = rounds;
        this.threads = threads;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Cluster.Shape shape = new Cluster.Shape(NODES, 2, "ram", DEVICE_BYTES);
        Path directory = Path.of(arguments[1]).resolve("cluster");
        int rounds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : ROUNDS;
        try (Cluster cluster =
                        new Cluster(Path.of(arguments[0]), directory, PORT_BASE, "0,1", shape);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            ScaleStudy study = new ScaleStudy(cluster, rounds, threads);
            study.findVolumes();
            study.run();
            study.print(Path.of(arguments[2]));
        }
    }

    /** Makes volumes until two have the same owner. */
    private void findVolumes() throws IOException, InterruptedException {
        Map<String, List<String>> byOwner = new LinkedHashMap<>();
        for (int number = 0; number < VOLUMES_MAX; number++) {
            String name = number == 0 ? "demo" : "more-" + number;
            if (number > 0) {
                cluster.ask("volume", "create", name, "--size", "1G", "--scheme", "2+2");
            }
            String shown = cluster.ask("volume", "list");
            String ofVolume = "\"name\" : \"%s\"[^}]*?".formatted(name);
            String owner = Processes.find(shown, ofVolume + "\"owner\" : (\\d+)");
            List<String> nqns = byOwner.computeIfAbsent(owner, key -> new ArrayList<>());
            nqns.add(Processes.find(shown, ofVolume + "\"nqn\" : \"([^\"]+)\""));
            if (nqns.size() == 2) {
                int index = Integer.parseInt(owner) - 1;
                ownerPid = cluster.pids().get(index);
                for (String nqn : nqns) {
                    volumes.add(
                            new TargetAddress(
                                    new InetSocketAddress("127.0.0.1", PORT_BASE + 10 * index),
                                    nqn,
                                    1));
                }
                return;
            }
        }
        throw new IOException("no node owns two of " + VOLUMES_MAX + " volumes");
    }

    private void run() throws IOException, InterruptedException {
        Attempts.of("stria", () -> onBoth(ScaleStudy::fill));
        for (String pattern : List.of("randread", "randwrite")) {
            Attempts.of("stria", () -> hosts(Workload.of(pattern, DEPTH), WARM_SECONDS));
        }
        for (int round = 1; round <= rounds; round++) {
            for (String pattern : List.of("randread", "randwrite")) {
                for (String cpus : CPUS) {
                    for (long pid : cluster.pids()) {
                        Processes.moveTo(cpus, pid);
                    }
                    Workload work = Workload.of(pattern, DEPTH);
                    Window window = Attempts.of("stria", () -> window(work));
                    windows.computeIfAbsent(pattern + " " + cpus, key -> new ArrayList<>())
                            .add(window);
                    System.err.printf(
                            Locale.ROOT,
                            "scale: %s CPUs %s: %,.0f IO/s%n",
                            pattern,
                            cpus,
                            window.iops());
                }
            }
        }
    }

    private static LoadResult fill(LoadHost host) throws IOException {
        host.fill(SPAN_BYTES);
        return host.measure(Workload.of("randread", DEPTH), SPAN_BYTES, 0, 1, 0);
    }

    private Window window(Workload work) throws IOException, InterruptedException {
        hosts(work, 1);
        double nodes = nodesUs();
        double owner = ProcessCpu.us(ownerPid, "reactor-0");
        List<LoadResult> results = hosts(work, SECONDS);
        long failed = results.stream().mapToLong(LoadResult::failed).sum();
        if (failed > 0) {
            throw new IOException(failed + " IOs have failed");
        }
        double ios = results.stream().mapToLong(LoadResult::ios).sum();
        return new Window(
                results.stream().mapToDouble(LoadResult::iops).sum(),
                (nodesUs() - nodes) / ios,
                (ProcessCpu.us(ownerPid, "reactor-0") - owner) / ios,
                results.stream().mapToDouble(r -> r.hostCpuUs() * r.ios()).sum() / ios);
    }

    private double nodesUs() {
        return cluster.pids().stream().mapToDouble(ProcessCpu::us).sum();
    }

    private List<LoadResult> hosts(Workload work, double seconds)
            throws IOException, InterruptedException {
        return onBoth(host -> host.measure(work, SPAN_BYTES, 0, seconds, 0));
    }

    private interface HostWork {
        LoadResult on(LoadHost host) throws IOException;
    }

    /** At the same time, a host and a thread for each volume. */
    private List<LoadResult> onBoth(HostWork work) throws IOException, InterruptedException {
        List<Callable<LoadResult>> tasks = new ArrayList<>();
        for (TargetAddress volume : volumes) {
            tasks.add(() -> {
                try (LoadHost host = new LoadHost(volume, 1, HOST_CPU)) {
                    host.sleepWhenIdle();
                    return work.on(host);
                }
            });
        }
        List<LoadResult> results = new ArrayList<>();
        for (Future<LoadResult> ended : threads.invokeAll(tasks)) {
            try {
                results.add(ended.get());
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            }
        }
        return results;
    }

    private double median(String key, ToDoubleFunction<Window> figure) {
        double[] sorted =
                windows.getOrDefault(key, List.of()).stream().mapToDouble(figure).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private void print(Path json) throws IOException {
        System.out.printf(
                "%nFive nodes, 2+2 in memory, two volumes of one owner, depth %d each; medians of %d windows of %.0f s%n",
                DEPTH, rounds, SECONDS);
        System.out.printf(
                "%n%-10s %-9s %10s %12s %12s %15s %15s %12s%n",
                "workload",
                "nodes on",
                "IO/s",
                "nodes' cores",
                "nodes us/IO",
                "owner's reactor",
                "its us/IO",
                "hosts' cores");
        List<String> rows = new ArrayList<>();
        for (String key : windows.keySet()) {
            String[] words = key.split(" ");
            System.out.printf(
                    Locale.ROOT,
                    "%-10s CPU %-5s %,10.0f %12.2f %12.1f %15.2f %15.1f %12.2f%n",
                    words[0],
                    words[1],
                    median(key, Window::iops),
                    median(key, Window::nodeCores),
                    median(key, Window::nodesUs),
                    median(key, Window::ownerCores),
                    median(key, Window::ownerUs),
                    median(key, Window::hostCores));
            rows.add(
                    "{\"workload\":\"%s\",\"cpus\":\"%s\",%s,%s,%s,%s}"
                            .formatted(
                                    words[0],
                                    words[1],
                                    Windows.field("iops", median(key, Window::iops)),
                                    Windows.field("nodeUsPerIo", median(key, Window::nodesUs)),
                                    Windows.field("ownerUsPerIo", median(key, Window::ownerUs)),
                                    Windows.field("hostCores", median(key, Window::hostCores))));
        }
        for (String pattern : List.of("randread", "randwrite")) {
            rows.add(ratio(pattern));
        }
        Files.writeString(json, "[%n%s]%n".formatted(String.join(",\n", rows)));
        System.out.println("also as JSON: " + json);
    }

    private String ratio(String pattern) {
        String one = pattern + " " + CPUS[0];
        String two = pattern + " " + CPUS[1];
        double iops = median(two, Window::iops) / median(one, Window::iops);
        double perCore = median(one, Window::nodesUs) / median(two, Window::nodesUs);
        double bound = median(two, Window::nodesUs) / median(two, Window::ownerUs);
        System.out.printf(
                Locale.ROOT,
                "%-10s two cores to one: IO/s %.2f beside hosts, IO for each second of nodes %.2f,"
                        + " so %.2f of two cores without hosts; the owner's reactor is full at %.2f cores%n",
                pattern,
                iops,
                perCore,
                Math.min(2, bound) * perCore,
                bound);
        return "{\"workload\":\"%s\",%s,%s,%s}"
                .formatted(
                        pattern,
                        Windows.field("iopsRatio", iops),
                        Windows.field("perCoreRatio", perCore),
                        Windows.field("coresWhereOwnerIsFull", bound));
    }
}
