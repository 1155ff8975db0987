package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.systemtests.cluster.HostedCluster;
import io.stria.systemtests.cluster.RunningMovement;
import io.stria.systemtests.cluster.RunningMovement.Progress;
import io.stria.systemtests.host.Command;
import io.stria.systemtests.host.FioJob;
import io.stria.systemtests.host.FioLatencies;
import io.stria.systemtests.host.FioResult;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.RunningFio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast a lost device is rebuilt, with and without hosts' IO, beside a plain copy on the same
 * disk before and after, and beside a {@link PlainRebuild}: what the disk and the cores can do of
 * the same work; and what hosts' IO costs meanwhile, beside what it costs while the same is rebuilt
 * plainly at the same rate, in as small pieces, and by slices of time: the first seconds are a
 * movement's beginning, and hosts' IO without a device for the first time. What a rebuild does in
 * its first seconds, which a large device would not notice, shows in the rates of its quarters. Run
 * by {@code perf/run rebuild}, not with the tests: its name says so to Surefire.
 */
@NeedsKernelHost
@Timeout(1800)
class RebuildFigures {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration BASE = Duration.ofSeconds(30);
    private static final Duration BESIDE = Duration.ofSeconds(100);
    private static final Duration SLICE = Duration.ofSeconds(10);
    private static final Duration OFTEN = Duration.ofMillis(250);
    private static final Duration SELDOM = Duration.ofSeconds(10);
    private static final long MEBIBYTE = 1L << 20;
    private static final long FILLED = Long.getLong("stria.rebuild.mib", 8192) * MEBIBYTE;
    private static final int HOST_RATE = 500;

    /** All of it, what hosts notice, or that alone of nodes that never moved anything. */
    private static final String PARTS = System.getProperty("stria.rebuild.parts", "all");

    private static final String LOG = "/tmp/beside";
    private static final String FIRST_LOG = "/tmp/beside-first";

    @TempDir Path directory;

    private KernelHost host;
    private HostedCluster cluster;
    private String device;

    @Test
    void printsHowFastALostDeviceIsRebuilt() throws IOException {
        host = KernelHost.start();
        try {
            cluster = HostedCluster.up(host, directory.resolve("cluster"), "--device-size", "4GiB");
            device = cluster.connect(new Initiator(host), "demo");
            fill();
            cluster.awaitHealthy(LIMIT);

            List<Integer> paths = cluster.pathNodes("demo");
            switch (PARTS) {
                case "all" -> {
                    compareAlone(deviceOf(paths.get(1)));
                    besideHosts(deviceOf(otherThan(paths)), BASE, FIRST_LOG, "the first");
                    double rate = besideHosts(deviceOf(paths.get(2)), BESIDE, LOG, "it");
                    FioResult again = hosts(BASE).await(LIMIT);
                    FioResult besidePlain = besidePlain(rate);
                    FioResult after = hosts(BASE).await(LIMIT);
                    print("a plain rebuild of that rate", again, besidePlain, after);
                }
                case "hosts" -> {
                    besideHosts(deviceOf(otherThan(paths)), BASE, FIRST_LOG, "the first");
                    besideHosts(deviceOf(paths.get(2)), BESIDE, LOG, "it");
                }
                case "first" -> besideHosts(deviceOf(otherThan(paths)), BASE, FIRST_LOG, "it");
                default -> throw new IllegalArgumentException("no part is called " + PARTS);
            }
        } finally {
            if (cluster != null) {
                cluster.close();
            }
            host.close();
        }
    }

    private int otherThan(List<Integer> paths) {
        return cluster.devices().keySet().stream()
                .filter(node -> !paths.contains(node))
                .findFirst()
                .orElseThrow();
    }

    private void compareAlone(String lost) throws IOException {
        double copy = copy();
        double plainRebuild = plainRebuild();
        List<Progress> alone = cluster.fail(lost, "demo", OFTEN).await();
        cluster.awaitHealthy(LIMIT);
        double after = copy();
        double plainRebuildAfter = plainRebuild();
        printQuarters(alone);
        double whole = rate(alone, 0, 1);
        double steady = rate(alone, 0.5, 1);
        print("whole", whole, "plain copy", copy, after);
        print("whole", whole, "plain rebuild", plainRebuild, plainRebuildAfter);
        print("second half", steady, "plain rebuild", plainRebuild, plainRebuildAfter);
    }

    /** Gives a device up beside hosts' IO of that time; returns the rate then, in MB/s. */
    private double besideHosts(String lost, Duration time, String log, String name)
            throws IOException {
        FioResult before = hosts(BASE).await(LIMIT);
        Collection<Long> nodes = cluster.pids().values();
        RunningFio load = hostsJob(Duration.ofMinutes(4)).startLogged(host, log);
        RunningMovement movement = cluster.fail(lost, "demo", SELDOM);
        List<NodeThreads> threads = new ArrayList<>(List.of(NodeThreads.of(nodes)));
        for (Duration at = SLICE; at.compareTo(time) <= 0; at = at.plus(SLICE)) {
            host.run("sleep " + SLICE.toSeconds(), LIMIT);
            threads.add(NodeThreads.of(nodes));
        }
        host.run("pkill -INT fio", LIMIT);
        FioResult during = load.await(LIMIT);
        List<Progress> all = movement.await(); // the rest of it is made without hosts
        cluster.awaitHealthy(LIMIT);
        FioLatencies latencies = FioLatencies.of(host, log);
        FioResult after = hosts(BASE).await(LIMIT);
        List<Progress> beside =
                all.stream().filter(one -> one.seconds() <= time.toSeconds()).toList();
        double rate = beside.getLast().bytes() / beside.getLast().seconds() / 1e6;
        System.out.printf(
                Locale.ROOT,
                "rebuild: beside hosts %.1f MB/s; limits then, MB/s:%s%n",
                rate,
                beside.stream()
                        .map(one -> String.format(Locale.ROOT, " %.1f", one.limit() / 1e6))
                        .collect(Collectors.joining()));
        print(name, before, during, after);
        printSlices(latencies, time, threads);
        assertEquals(0, during.error(), during::messages);
        return rate;
    }

    private static void printSlices(
            FioLatencies latencies, Duration time, List<NodeThreads> threads) {
        printSlice(latencies, SLICE.multipliedBy(2), time, "");
        for (int i = 1; i < threads.size(); i++) {
            printSlice(
                    latencies,
                    SLICE.multipliedBy(i - 1),
                    SLICE.multipliedBy(i),
                    "; processor seconds of nodes " + threads.get(i).since(threads.get(i - 1)));
        }
    }

    private static void printSlice(
            FioLatencies latencies, Duration from, Duration to, String more) {
        System.out.printf(
                Locale.ROOT,
                "rebuild: from second %d to %d, p99 us of writes and reads: %.0f, %.0f%s%n",
                from.toSeconds(),
                to.toSeconds(),
                latencies.p99Us(false, from, to),
                latencies.p99Us(true, from, to),
                more);
    }

    private void fill() {
        long fromNs = System.nanoTime();
        FioJob.load(device, "write", FILLED, Duration.ZERO)
                .blockBytes(128 << 10)
                .queueDepth(8)
                .run(host, LIMIT);
        System.out.printf(
                "rebuild: filled %d MiB in %d s%n",
                FILLED / MEBIBYTE, (System.nanoTime() - fromNs) / 1_000_000_000);
    }

    private RunningFio hosts(Duration runtime) {
        return hostsJob(runtime).start(host);
    }

    private FioJob hostsJob(Duration runtime) {
        return FioJob.load(device, "randrw", FILLED, runtime).queueDepth(4).perSecond(HOST_RATE);
    }

    /** Hosts' IO beside a plain rebuild of that many MB/s. */
    private FioResult besidePlain(double rate) throws IOException {
        long bytes = (long) (rate * 1e6 * BASE.toSeconds());
        try (PlainRebuild plain = new PlainRebuild(directory, 2, bytes, 32 << 10, 2, rate * 1e6)) {
            RunningFio load = hosts(BASE.multipliedBy(2));
            plain.run();
            host.run("pkill -INT fio", LIMIT);
            return load.await(LIMIT);
        }
    }

    private static void print(String what, FioResult before, FioResult during, FioResult after) {
        print(
                "writes beside " + what,
                before.writes().p99Us(),
                during.writes().p99Us(),
                after.writes().p99Us());
        print(
                "reads beside " + what,
                before.reads().p99Us(),
                during.reads().p99Us(),
                after.reads().p99Us());
    }

    private static void print(String what, double before, double during, double after) {
        System.out.printf(
                Locale.ROOT,
                "rebuild: hosts' %s, p99 us before, during, after: %.0f, %.0f, %.0f; ratio %.2f%n",
                what,
                before,
                during,
                after,
                during / ((before + after) / 2));
    }

    private static void print(String of, double rebuild, String what, double before, double after) {
        System.out.printf(
                Locale.ROOT,
                "rebuild: without hosts, %s %6.1f MB/s; %s %6.1f and %6.1f MB/s; ratio %.2f%n",
                of,
                rebuild,
                what,
                before,
                after,
                rebuild / ((before + after) / 2));
    }

    private static void printQuarters(List<Progress> all) {
        System.out.printf(
                Locale.ROOT,
                "rebuild: %.0f MiB in %.1f s; its quarters %.0f, %.0f, %.0f and %.0f MB/s%n",
                all.getLast().bytes() / MEBIBYTE,
                all.getLast().seconds(),
                rate(all, 0, 0.25),
                rate(all, 0.25, 0.5),
                rate(all, 0.5, 0.75),
                rate(all, 0.75, 1));
    }

    /** MB/s from when that share of all bytes was written until the other one was. */
    private static double rate(List<Progress> all, double from, double to) {
        double bytes = all.getLast().bytes() * (to - from);
        return bytes / (secondsAt(all, to) - secondsAt(all, from)) / 1e6;
    }

    private static double secondsAt(List<Progress> all, double share) {
        if (share == 1) {
            return all.getLast().seconds(); // all of it was decided, too
        }
        double bytes = all.getLast().bytes() * share;
        Progress before = new Progress(0, 0, 0);
        for (Progress one : all) {
            if (one.bytes() > bytes) {
                double part = (bytes - before.bytes()) / (one.bytes() - before.bytes());
                return share == 0
                        ? 0
                        : before.seconds() + part * (one.seconds() - before.seconds());
            }
            before = one;
        }
        throw new IllegalArgumentException("nothing moved");
    }

    /** Of as much as the device that is lost holds, about. */
    private double plainRebuild() throws IOException {
        try (PlainRebuild plain = new PlainRebuild(directory, 2, 512 * MEBIBYTE)) {
            return plain.run();
        }
    }

    private String deviceOf(int node) {
        return cluster.devices().get(node).getFirst();
    }

    /** A large file's plain copy on the disk of the devices, around the page cache. */
    private double copy() throws IOException {
        Path source = directory.resolve("source");
        Path target = directory.resolve("target");
        Command.run("dd", "if=/dev/zero", "of=" + source, "bs=1M", "count=512", "oflag=direct")
                .orThrow();
        long fromNs = System.nanoTime();
        Command.run(
                        "dd",
                        "if=" + source,
                        "of=" + target,
                        "bs=1M",
                        "iflag=direct",
                        "oflag=direct",
                        "conv=fdatasync")
                .orThrow();
        double seconds = (System.nanoTime() - fromNs) / 1e9;
        Files.delete(source);
        Files.delete(target);
        return 512 * MEBIBYTE / seconds / 1e6;
    }
}
