package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.systemtests.cluster.HostedCluster;
import io.stria.systemtests.host.FioJob;
import io.stria.systemtests.host.FioResult;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.RunningFio;
import io.stria.systemtests.host.StampedJob;
import io.stria.systemtests.host.StampedReport;
import io.stria.systemtests.host.StampedWrites;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Linux host keeps writing while nodes of a real cluster are killed, and one stands still. One
 * cluster and one host serve all tests, in an order in which each leaves the cluster healthy. Four
 * rounds of kills under verified IO, or four times as many with {@code -Dstria.kill.rounds=N}; from
 * ten on with {@code -Djunit.jupiter.execution.timeout.mode=disabled}.
 */
@Tag("alone")
@NeedsKernelHost
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FailoverTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Duration CATCH_UP = Duration.ofSeconds(90);

    /** Of each kind of loss. */
    private static final int ROUNDS = Integer.getInteger("stria.kill.rounds", 1);

    private static final long STALL_MAX_MS = 5_000;

    /** A host that finds out by keep-alive alone needs 4.9 s. */
    private static final long FROZEN_STALL_MAX_MS = 4_400;

    /** Longer than a lease. */
    private static final long FROZEN_MS_MIN = 3_000;

    /** Threads that want a core, for each core, from which on a machine is not our own. */
    private static final double CROWDED = 2.0;

    private static final int LOOKS = 25;
    private static final int LOOK_MS = 20;

    private static final long STAMPED_BLOCKS = 4096;
    private static final String VOLUME = "demo";

    @TempDir static Path directory;

    private static KernelHost host;
    private static HostedCluster cluster;
    private static Initiator nvme;
    private static String device;

    @BeforeAll
    static void start() {
        host = KernelHost.start();
        cluster = HostedCluster.up(host, directory.resolve("cluster"), "--device-size", "4GiB");
        nvme = new Initiator(host);
        device = cluster.connect(nvme, VOLUME);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
        if (host != null) {
            host.close();
        }
    }

    @Test
    @Order(1)
    void presentsThreePathsOfWhichOneIsOptimized() {
        List<String> states =
                nvme.paths(cluster.nqn(VOLUME)).stream()
                        .map(Initiator.PathState::ana)
                        .sorted()
                        .toList();
        assertEquals(List.of("inaccessible", "inaccessible", "optimized"), states);
    }

    @Test
    @Order(2)
    void goesOnWritingWhenTheOwnerIsKilled() {
        for (int round = 0; round < ROUNDS; round++) {
            int owner = cluster.pathNodes(VOLUME).getFirst();
            keepsWritingThroughTheLossOf(owner);
        }
    }

    @Test
    @Order(3)
    void goesOnWritingWhenANodeIsKilledThatIsNotTheOwner() {
        for (int round = 0; round < ROUNDS; round++) {
            keepsWritingThroughTheLossOf(otherThan(cluster.pathNodes(VOLUME)));
        }
    }

    @Test
    @Order(4)
    void goesOnWritingWhenTheOwnerAndASecondaryAreKilledTogether() {
        for (int round = 0; round < ROUNDS; round++) {
            List<Integer> paths = cluster.pathNodes(VOLUME);
            keepsWritingThroughTheLossOf(paths.get(0), paths.get(1));
        }
    }

    @Test
    @Order(5)
    void goesOnWritingWhenTheLeaderAndTheOwnerAreKilledTogether() {
        for (int round = 0; round < ROUNDS; round++) {
            int owner = cluster.pathNodes(VOLUME).getFirst();
            int leader = cluster.leader();
            if (leader == owner) {
                keepsWritingThroughTheLossOf(owner, otherThan(List.of(owner)));
            } else {
                keepsWritingThroughTheLossOf(owner, leader);
            }
        }
    }

    /** Its supervisor ends its hosts' connections. If it led, an election would come on top. */
    @Test
    @Order(6)
    void goesOnWritingWhenTheOwnerStandsStill() throws InterruptedException {
        for (int i = 0; i < 3 && cluster.leader() == cluster.pathNodes(VOLUME).getFirst(); i++) {
            int both = cluster.leader();
            cluster.kill(both);
            cluster.start(both);
            cluster.awaitHealthy(CATCH_UP);
        }
        boolean crowded = isCrowded();
        StampedWrites writes =
                StampedWrites.start(host, StampedJob.on(device, STAMPED_BLOCKS).inFlight(8));
        writes.awaitAcknowledged(500, SOON);
        int owner = cluster.pathNodes(VOLUME).getFirst();
        boolean led = cluster.leader() == owner;
        cluster.freeze(owner);
        try {
            Thread.sleep(FROZEN_MS_MIN);
            writes.awaitAcknowledged(500, SOON);
        } finally {
            cluster.thaw(owner);
        }
        StampedReport seen = writes.stop(SOON);
        StampedReport found = writes.verify(SOON);
        assertEquals(0, seen.ioErrors() + seen.wrong(), () -> seen + cluster.logs());
        assertEquals(0, found.wrong(), () -> found + cluster.logs());
        cluster.awaitHealthy(CATCH_UP);
        System.out.println(
                "frozen %d%s: longest stall %d ms"
                        .formatted(owner, led ? ", which led" : "", seen.longestStallMs()));
        assertStall(seen, FROZEN_STALL_MAX_MS, crowded);
    }

    @Test
    @Order(7)
    void losesNothingWhenANodeHasCaughtUpAndThenTwoOthersAreKilled() {
        StampedWrites writes =
                StampedWrites.start(host, StampedJob.on(device, STAMPED_BLOCKS).inFlight(8));
        writes.awaitAcknowledged(500, SOON);
        List<Integer> paths = cluster.pathNodes(VOLUME);
        int returning = paths.get(1);
        cluster.kill(returning);
        writes.awaitAcknowledged(500, SOON);
        cluster.start(returning);
        cluster.awaitHealthy(CATCH_UP);

        int[] others = {paths.get(0), otherThan(paths)};
        cluster.kill(others);
        try {
            writes.awaitAcknowledged(500, SOON);
            StampedReport seen = writes.stop(SOON);
            StampedReport found = writes.verify(SOON);
            assertEquals(0, seen.ioErrors() + seen.wrong(), () -> seen + cluster.logs());
            assertEquals(0, found.wrong(), () -> found + cluster.logs());
        } finally {
            cluster.start(others);
        }
        cluster.awaitHealthy(CATCH_UP);
    }

    @Test
    @Order(8)
    void losesNothingWhenAllNodesAreKilledAtOnceUnderLoad() {
        StampedWrites writes =
                StampedWrites.start(host, StampedJob.on(device, STAMPED_BLOCKS).inFlight(16));
        writes.awaitAcknowledged(1000, SOON);

        cluster.kill(1, 2, 3, 4, 5);
        cluster.close();
        cluster.up();
        writes.awaitAcknowledged(200, SOON);

        StampedReport seen = writes.stop(SOON);
        StampedReport found = writes.verify(SOON);
        assertEquals(0, seen.ioErrors() + seen.wrong(), () -> seen + cluster.logs());
        assertEquals(0, found.wrong(), () -> found + cluster.logs());
        assertTrue(found.checked() > 500, found::toString);
        cluster.awaitHealthy(CATCH_UP);
    }

    /**
     * Verified fio and stamped writes, side by side, while the nodes are killed; then the nodes
     * catch up.
     */
    private static void keepsWritingThroughTheLossOf(int... nodes) {
        boolean crowded = isCrowded();
        RunningFio fio =
                FioJob.verifiedWrites(device, 48 << 20)
                        .from(STAMPED_BLOCKS * 4096)
                        .queueDepth(8)
                        .start(host);
        StampedWrites writes =
                StampedWrites.start(host, StampedJob.on(device, STAMPED_BLOCKS).inFlight(8));
        writes.awaitAcknowledged(500, SOON);

        StampedReport seen;
        cluster.kill(nodes);
        try {
            writes.awaitAcknowledged(500, SOON);
            seen = writes.stop(SOON);
            StampedReport found = writes.verify(SOON);
            FioResult verified = fio.await(SOON);
            assertEquals(0, seen.ioErrors() + seen.wrong(), () -> seen + cluster.logs());
            assertEquals(0, found.wrong(), () -> found + cluster.logs());
            assertEquals(0, verified.error(), () -> verified.messages() + cluster.logs());
        } finally {
            cluster.start(nodes);
        }
        cluster.awaitHealthy(CATCH_UP);
        System.out.println(
                "killed "
                        + Arrays.toString(nodes)
                        + ": longest stall "
                        + seen.longestStallMs()
                        + " ms, "
                        + seen.acknowledged()
                        + " writes acknowledged");
        assertStall(seen, STALL_MAX_MS, crowded);
    }

    /** What is promised; twice that, said aloud, where others use the machine's cores too. */
    private static void assertStall(StampedReport seen, long maxMs, boolean wasCrowded) {
        if (seen.longestStallMs() <= maxMs) {
            return;
        }
        assertTrue(wasCrowded || isCrowded(), seen::toString);
        System.out.println("others use the cores: a stall may take " + 2 * maxMs + " ms here");
        assertTrue(seen.longestStallMs() <= 2 * maxMs, seen::toString);
    }

    /**
     * Whether others use the machine's cores, judged while host and cluster have nothing to do: the
     * average of a minute would count what they themselves did before.
     */
    private static boolean isCrowded() {
        long wanting = 0;
        for (int look = 0; look < LOOKS; look++) {
            wanting += wantingACore() - 1; // this thread aside
            LockSupport.parkNanos(LOOK_MS * 1_000_000L);
        }
        return wanting >= LOOKS * CROWDED * Runtime.getRuntime().availableProcessors();
    }

    /** Threads of the whole machine: {@code 0.20 0.18 0.12 3/80 11206} has 3. */
    private static int wantingACore() {
        try {
            String threads = Files.readString(Path.of("/proc/loadavg")).split(" ")[3];
            return Integer.parseInt(threads.substring(0, threads.indexOf('/')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int otherThan(List<Integer> nodes) {
        return IntStream.rangeClosed(1, 5)
                .filter(node -> !nodes.contains(node))
                .findFirst()
                .orElseThrow();
    }
}
