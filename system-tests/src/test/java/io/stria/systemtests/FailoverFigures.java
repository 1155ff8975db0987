package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.systemtests.cluster.HostedCluster;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.StampedJob;
import io.stria.systemtests.host.StampedReport;
import io.stria.systemtests.host.StampedWrites;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The longest time without an acknowledged write of a Linux host, with eight at a time, while nodes
 * are killed or stand still; several rounds of each, and what the nodes' logs say of each round. A
 * host that is told nothing by a node that stands still may need longer than the cluster: so the
 * time until another node serves the volume is said as well. Run by {@code perf/run failover}, not
 * with the tests: its name says so to Surefire.
 */
@NeedsKernelHost
@Timeout(3600)
class FailoverFigures {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int ROUNDS = Integer.getInteger("stria.failover.rounds", 5);
    private static final long FROZEN_MS = 8000;

    /** {@code killed} or {@code frozen}: these rounds alone. */
    private static final String ONLY = System.getProperty("stria.failover.only", "");

    private static final String VOLUME = "demo";
    private static final Pattern STEPS =
            Pattern.compile(
                    "leads|no leader|stands for|map epoch|takes over|serves|no lease|declared down");

    @TempDir Path directory;

    private KernelHost host;
    private HostedCluster cluster;
    private String device;
    private final SortedMap<String, List<Long>> stalls = new TreeMap<>();
    private final SortedMap<String, List<Long>> served = new TreeMap<>();

    private enum Cause {
        KILLED,
        FROZEN
    }

    @Test
    void printsHowLongAHostWaits() {
        host = KernelHost.start();
        try {
            cluster = HostedCluster.up(host, directory.resolve("cluster"), "--device-size", "4GiB");
            device = cluster.connect(new Initiator(host), VOLUME);
            for (int round = 0; round < ROUNDS; round++) {
                if (!ONLY.equals("frozen")) {
                    lose(Cause.KILLED, "owner", owner());
                    lose(Cause.KILLED, "other", other());
                    lose(Cause.KILLED, "owner and secondary", owner(), secondary());
                    lose(Cause.KILLED, "owner and leader", ownerAndLeader());
                }
                if (!ONLY.equals("killed")) {
                    lose(Cause.FROZEN, "owner", owner());
                    lose(Cause.FROZEN, "leader", cluster.leader());
                    lose(Cause.FROZEN, "other", other());
                }
            }
            stalls.forEach((what, all) -> print(what + ": host waited", all));
            served.forEach((what, all) -> print(what + ": served again after", all));
        } finally {
            if (cluster != null) {
                cluster.close();
            }
            host.close();
        }
    }

    private static void print(String what, List<Long> all) {
        long median = all.stream().sorted().toList().get(all.size() / 2);
        System.out.printf("failover: %-52s median %5d ms, %s%n", what, median, all);
    }

    private int owner() {
        return cluster.pathNodes(VOLUME).getFirst();
    }

    private int secondary() {
        return cluster.pathNodes(VOLUME).get(1);
    }

    /** Neither owner nor leader. */
    private int other() {
        int owner = owner();
        int leader = cluster.leader();
        return IntStream.rangeClosed(1, 5)
                .filter(node -> node != owner && node != leader)
                .findFirst()
                .orElseThrow();
    }

    private int[] ownerAndLeader() {
        int owner = owner();
        int leader = cluster.leader();
        return owner == leader ? new int[] {owner} : new int[] {owner, leader};
    }

    private void lose(Cause cause, String what, int... nodes) {
        int leader = cluster.leader();
        boolean led = IntStream.of(nodes).anyMatch(node -> node == leader);
        StampedWrites writes =
                StampedWrites.start(host, StampedJob.on(device, 4096).inFlight(8).perSecond(500));
        writes.awaitAcknowledged(1000, SOON);
        Instant at = Instant.now();
        if (cause == Cause.KILLED) {
            cluster.kill(nodes);
            writes.awaitAcknowledged(500, SOON);
        } else {
            IntStream.of(nodes).forEach(cluster::freeze);
            pause(FROZEN_MS);
            IntStream.of(nodes).forEach(cluster::thaw);
            writes.awaitAcknowledged(500, SOON);
        }
        StampedReport seen = writes.stop(SOON);
        StampedReport found = writes.verify(SOON);
        assertEquals(
                0, seen.ioErrors() + seen.wrong() + found.wrong(), () -> seen + cluster.logs());
        String kind = cause + " " + what + (led ? ", led" : "");
        stalls.computeIfAbsent(kind, _ -> new ArrayList<>()).add(seen.longestStallMs());
        System.out.printf("%nfailover: %s: %d ms%n", kind, seen.longestStallMs());
        List<String> steps =
                cluster.logsSince(at).stream()
                        .filter(line -> STEPS.matcher(line).find())
                        .takeWhile(line -> line.compareTo(at.plusSeconds(7).toString()) < 0)
                        .toList();
        steps.stream()
                .map(line -> "  %5d ms  %s".formatted(afterMs(at, line), line.split(" ", 2)[1]))
                .forEach(System.out::println);
        steps.stream()
                .filter(line -> line.contains(" serves ") && line.contains(" at epoch "))
                .findFirst()
                .ifPresent(line ->
                        served.computeIfAbsent(kind, _ -> new ArrayList<>())
                                .add(afterMs(at, line)));
        if (cause == Cause.KILLED) {
            cluster.start(nodes);
        }
        cluster.awaitHealthy(SOON);
    }

    private static long afterMs(Instant at, String line) {
        return Duration.between(at, Instant.parse(line.split(" ", 2)[0])).toMillis();
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
