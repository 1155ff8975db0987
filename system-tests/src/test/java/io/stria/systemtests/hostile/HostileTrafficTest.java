package io.stria.systemtests.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvmf.DiscoverySubsystem;
import io.stria.nvmf.HostileSender;
import io.stria.systemtests.cluster.HostedCluster;
import io.stria.systemtests.host.FioJob;
import io.stria.systemtests.host.FioResult;
import io.stria.systemtests.host.HostException;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.StampedJob;
import io.stria.systemtests.host.StampedReport;
import io.stria.systemtests.host.StampedWrites;
import io.stria.systemtests.nvmf.PathTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Linux host writes and verifies while another host sends hostile PDUs to every portal of every
 * node, those for peers and the discovery subsystem included. The hostile host runs on the same
 * cores as the nodes, where in a data centre it would have its own, and gives way to them; so as
 * much of the same is also sent to a target that has nothing to do with the cluster: what cores
 * that are shared cost. The three take turns, round by round, since whatever else the machine and
 * the nodes' compilers do changes latencies more from minute to minute than a hostile host does;
 * each kind's latency is the median of its rounds.
 *
 * <p>Short by default, one round; {@code -Dstria.hostile.minutes=10} (or {@code perf/run hostile})
 * is the whole of it, {@code -Dstria.hostile.pdus} says how many PDUs to the nodes in all, {@code
 * -Dstria.seed} which ones.
 */
@Tag("alone")
@NeedsKernelHost
@Timeout(3600)
class HostileTrafficTest {
    private static final int MINUTES = Integer.getInteger("stria.hostile.minutes", 0);
    private static final int ROUNDS = Math.max(1, MINUTES);
    private static final Duration HOSTILE = Duration.ofSeconds(MINUTES == 0 ? 20 : 60);
    private static final Duration OTHERWISE = Duration.ofSeconds(MINUTES == 0 ? 5 : 20);
    private static final long PDUS =
            Long.getLong("stria.hostile.pdus", MINUTES == 0 ? 3_000 : 10_000L * MINUTES) / ROUNDS;
    private static final long SEED = Long.getLong("stria.seed", 1);

    /** The compilers of the nodes are busy for minutes. */
    private static final Duration WARM_UP = Duration.ofSeconds(MINUTES == 0 ? 10 : 90);

    private static final Duration SOON = Duration.ofSeconds(120);
    private static final int HOSTILE_ADDRESS = 15;
    private static final int BYSTANDER_ADDRESS = 14;
    private static final long GROWTH_MAX_KIB = 128 << 10;
    private static final long STAMPED_BLOCKS = 4096;

    @TempDir Path directory;

    private KernelHost host;
    private HostedCluster cluster;
    private FioJob load;
    private int attacks;

    @Test
    void servesAHostAsBeforeWhileAnotherIsHostile() throws InterruptedException, IOException {
        try (KernelHost kernelHost = KernelHost.start();
                HostedCluster up = HostedCluster.up(kernelHost, directory.resolve("cluster"))) {
            host = kernelHost;
            cluster = up;
            cluster.cli(SOON, "volume", "create", "nobodys", "--size", "1GiB", "--api", api());
            String device = cluster.connect(new Initiator(host), "demo");
            load =
                    new FioJob(
                            device,
                            "randwrite",
                            4096,
                            4,
                            STAMPED_BLOCKS * 4096,
                            64 << 20,
                            WARM_UP,
                            true,
                            300);
            StampedWrites writes =
                    StampedWrites.start(
                            host, StampedJob.on(device, STAMPED_BLOCKS).inFlight(4).perSecond(100));
            List<String> bystander = startBystander();
            run(WARM_UP);
            SortedMap<Integer, Long> pids = cluster.pids();
            SortedMap<Integer, Long> memoryBefore = cluster.residentKib();

            LatencyTable latencies = new LatencyTable();
            long pdusElsewhere = PDUS * OTHERWISE.toMillis() / HOSTILE.toMillis();
            for (int round = 1; round <= ROUNDS; round++) {
                latencies.add("alone", run(OTHERWISE));
                latencies.add("hostile here", attack(HOSTILE, PDUS, portals()));
                latencies.add("hostile elsewhere", attack(OTHERWISE, pdusElsewhere, bystander));
                System.out.printf(
                        "round %d of %d: %d stamped writes, nodes' memory %s MiB%n%s",
                        round,
                        ROUNDS,
                        writes.acknowledgedSoFar(),
                        mebibytes(cluster.residentKib()),
                        latencies.lastRound());
            }
            SortedMap<Integer, Long> memoryAfter = cluster.residentKib();

            StampedReport seen = writes.stop(SOON);
            StampedReport found = writes.verify(SOON);
            System.out.print(latencies);
            print(seen, found, memoryBefore, memoryAfter);
            assertEquals(0, seen.ioErrors() + seen.wrong(), () -> seen + cluster.logs());
            assertEquals(0, found.wrong(), () -> found + cluster.logs());
            assertEquals(pids, cluster.pids(), "every node's process is still the same");
            memoryAfter.forEach((node, kib) ->
                    assertTrue(
                            kib - memoryBefore.getOrDefault(node, 0L) < GROWTH_MAX_KIB,
                            () -> "node " + node + " grew to " + kib + " KiB"));
            cluster.awaitHealthy(SOON);
        }
    }

    /** The portals of a target that has nothing to do with the cluster. */
    private List<String> startBystander() throws InterruptedException, IOException {
        Path orders = Files.writeString(directory.resolve("orders"), "0 " + PathTarget.BLOCKS_MAX);
        String address = host.targetAddress(BYSTANDER_ADDRESS);
        Process bystander =
                host.startInNamespace(
                        KernelHost.javaCommand(
                                "-Xmx256m",
                                PathTarget.class.getName(),
                                "0",
                                orders.toString(),
                                directory.resolve("bystander").toString(),
                                address));
        awaitOutput(bystander, PathTarget.LISTENING);
        return List.of(
                portal("VOLUME", address, PathTarget.PORT, PathTarget.NQN),
                portal("DISCOVERY", address, PathTarget.PORT, DiscoverySubsystem.NQN));
    }

    private void awaitOutput(Process process, String text) throws InterruptedException {
        long startNs = System.nanoTime();
        while (!host.processLog(process).contains(text)) {
            assertTrue(
                    process.isAlive() && System.nanoTime() - startNs < SOON.toNanos(),
                    () -> "not a word of " + text + "\n" + host.processLog(process));
            Thread.sleep(20);
        }
    }

    /**
     * What the load sees from the sender's first PDUs on: a JVM that starts is not the question.
     */
    private FioResult attack(Duration duration, long pdus, List<String> portals)
            throws InterruptedException {
        Process sender = host.startInNamespace(senderCommand(duration, pdus, portals));
        awaitOutput(sender, HostileReport.SENDING);
        FioResult result = run(duration);
        assertTrue(
                sender.waitFor(duration.plus(SOON)),
                () -> "the hostile host does not get through\n" + host.processLog(sender));
        String output = host.processLog(sender);
        assertEquals(0, sender.exitValue(), output);
        HostileReport report = HostileReport.parse(output);
        System.out.print(report);
        assertTrue(report.pdus() >= pdus, report::toString);
        assertTrue(report.judged() > report.pdus() / 100, report::toString);
        assertEquals(0, report.misjudged(), () -> output + "; repeat with -Dstria.seed=" + SEED);
        return result;
    }

    private List<String> senderCommand(Duration duration, long pdus, List<String> portals) {
        List<String> command = new ArrayList<>(List.of("nice", "-n", "19"));
        command.addAll(
                KernelHost.javaCommand(
                        "-ea",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        HostileSender.class.getName(),
                        Long.toString(duration.toSeconds()),
                        Long.toString(pdus),
                        Long.toString(1000 * SEED + ++attacks),
                        host.targetAddress(HOSTILE_ADDRESS)));
        command.addAll(portals);
        return command;
    }

    private List<String> portals() {
        List<String> portals = new ArrayList<>();
        List<Integer> paths = cluster.pathNodes("nobodys");
        for (int turn = 0; turn < 2; turn++) {
            paths.addFirst(paths.getFirst()); // only the owner takes IO: more often than the others
        }
        for (int node : paths) {
            portals.add(
                    portal(
                            "VOLUME",
                            host.targetAddress(),
                            HostedCluster.dataPort(node),
                            cluster.nqn("nobodys")));
        }
        for (int node : cluster.pathNodes("demo")) {
            portals.add(
                    portal(
                            "WATCHED",
                            host.targetAddress(),
                            HostedCluster.dataPort(node),
                            cluster.nqn("demo")));
        }
        portals.add(
                portal(
                        "DISCOVERY",
                        host.targetAddress(),
                        DiscoverySubsystem.PORT,
                        DiscoverySubsystem.NQN));
        cluster.devices()
                .forEach((node, devices) -> {
                    int port = HostedCluster.dataPort(node);
                    String device = "nqn.2026-11.io.stria:device:" + devices.getFirst();
                    portals.add(
                            portal(
                                    "DISCOVERY",
                                    host.targetAddress(),
                                    port,
                                    DiscoverySubsystem.NQN));
                    portals.add(portal("PEER", host.targetAddress(), port + 1, device));
                });
        return portals;
    }

    private static String portal(String kind, String address, int port, String nqn) {
        return "%s,%s,%d,%s".formatted(kind, address, port, nqn);
    }

    private String api() {
        return "http://%s:%d".formatted(host.targetAddress(), HostedCluster.dataPort(1) + 2);
    }

    private FioResult run(Duration duration) {
        FioResult result;
        try {
            result = load.runtime(duration).run(host, duration.plus(SOON));
        } catch (HostException e) {
            throw new AssertionError(e.getMessage() + cluster.logs(), e);
        }
        assertEquals(0, result.error(), () -> result.messages() + cluster.logs());
        return result;
    }

    private static List<Long> mebibytes(SortedMap<Integer, Long> kib) {
        return kib.values().stream().map(value -> value >> 10).toList();
    }

    private static void print(
            StampedReport seen,
            StampedReport found,
            SortedMap<Integer, Long> memoryBefore,
            SortedMap<Integer, Long> memoryAfter) {
        System.out.printf(
                "stamped: %d acknowledged, %d IO errors, longest stall %d ms; %d blocks checked,"
                        + " %d wrong%n",
                seen.acknowledged(),
                seen.ioErrors(),
                seen.longestStallMs(),
                found.checked(),
                seen.wrong() + found.wrong());
        System.out.printf(
                "memory of the nodes in MiB: %s before, %s after%n",
                mebibytes(memoryBefore), mebibytes(memoryAfter));
    }
}
