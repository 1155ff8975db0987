package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.systemtests.cluster.HostedCluster;
import io.stria.systemtests.host.Command;
import io.stria.systemtests.host.FioJob;
import io.stria.systemtests.host.FioResult;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.RunningFio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast a lost device is rebuilt, with and without hosts' IO, beside a plain copy on the same
 * disk before and after, and beside a {@link PlainRebuild}: what the disk and the cores can do of
 * the same work; and what hosts' IO costs meanwhile, beside what it costs while the same is rebuilt
 * plainly at the same rate, in as small pieces. Run by {@code perf/run rebuild}, not with the
 * tests: its name says so to Surefire.
 */
@NeedsKernelHost
@Timeout(1800)
class RebuildFigures {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration BASE = Duration.ofSeconds(20);
    private static final long MEBIBYTE = 1L << 20;
    private static final long FILLED = Long.getLong("stria.rebuild.mib", 2048) * MEBIBYTE;
    private static final int HOST_RATE = 500;

    /** Lines of nodes' logs that tell how far a rebuild is. */
    private static final Pattern STEPS = Pattern.compile("FailDevices|MovePages");

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
            FioJob.load(device, "write", FILLED, Duration.ZERO)
                    .blockBytes(128 << 10)
                    .queueDepth(8)
                    .run(host, LIMIT);
            cluster.awaitHealthy(LIMIT);

            double copy = copy();
            double plainRebuild = plainRebuild();
            List<Integer> paths = cluster.pathNodes("demo");
            double alone = rebuild(deviceOf(paths.get(1)));
            cluster.awaitHealthy(LIMIT);
            double after = copy();
            double plainRebuildAfter = plainRebuild();
            print(alone, "plain copy", copy, after);
            print(alone, "plain rebuild", plainRebuild, plainRebuildAfter);

            hosts(BASE).await(LIMIT); // what runs for the first time is compiled meanwhile
            FioResult before = hosts(BASE).await(LIMIT);
            RunningFio load = hosts(Duration.ofMinutes(4));
            long fromNs = System.nanoTime();
            double beside = rebuild(deviceOf(paths.get(2)));
            long tookMs = (System.nanoTime() - fromNs) / 1_000_000;
            // The load is measured over as long as the movement takes: that of a run of its own.
            host.run("pkill -INT fio", LIMIT);
            FioResult during = load.await(LIMIT);
            FioResult afterwards = hosts(BASE).await(LIMIT);
            System.out.printf(
                    Locale.ROOT, "rebuild: beside hosts  %6.1f MB/s, %d ms%n", beside, tookMs);
            print("it", before, during, afterwards);
            assertEquals(0, during.error(), during::messages);
            FioResult besidePlain = besidePlain(beside);
            print(
                    "a plain rebuild of that rate",
                    afterwards,
                    besidePlain,
                    hosts(BASE).await(LIMIT));
        } finally {
            if (cluster != null) {
                cluster.close();
            }
            host.close();
        }
    }

    private RunningFio hosts(Duration runtime) {
        return FioJob.load(device, "randrw", FILLED, runtime)
                .queueDepth(4)
                .perSecond(HOST_RATE)
                .start(host);
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

    private static void print(double rebuild, String what, double before, double after) {
        System.out.printf(
                Locale.ROOT,
                "rebuild: without hosts %6.1f MB/s; %s %6.1f and %6.1f MB/s; ratio %.2f%n",
                rebuild,
                what,
                before,
                after,
                rebuild / ((before + after) / 2));
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

    /** Gives a device up for good; MB/s that were written to other places until that was done. */
    private double rebuild(String id) {
        double before = movedBytes();
        Instant at = Instant.now();
        long fromNs = System.nanoTime();
        cluster.cli(
                LIMIT,
                "device",
                "fail",
                id,
                "--reason",
                "figures",
                "--data-is-lost",
                "--wait",
                "--dir",
                directory.resolve("cluster").toString());
        double seconds = (System.nanoTime() - fromNs) / 1e9;
        double bytes = movedBytes() - before;
        System.out.printf(Locale.ROOT, "rebuild: %.0f MiB in %.1f s%n", bytes / MEBIBYTE, seconds);
        cluster.logsSince(at).stream()
                .filter(line -> STEPS.matcher(line).find())
                .forEach(line ->
                        System.out.printf(
                                "rebuild: %6d ms %s%n", afterMs(at, line), line.split(" ", 2)[1]));
        return bytes / seconds / 1e6;
    }

    private static long afterMs(Instant at, String line) {
        return Duration.between(at, Instant.parse(line.split(" ", 2)[0])).toMillis();
    }

    private double movedBytes() {
        int owner = cluster.pathNodes("demo").getFirst();
        return cluster.metric(owner, "stria_volume_moved_bytes_total{");
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
