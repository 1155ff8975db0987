package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.decisions.Result;
import io.stria.control.security.ClusterSecret;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RatisLogTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @TempDir Path directory;
    private long incarnation = 100;

    private static NodeSpec spec(int id) {
        return new NodeSpec(id, "127.0.0." + id, 4420, 8080, 9870, "", "", true);
    }

    private static Decision init(UUID clusterId) {
        return new Decision.InitCluster(clusterId, 8, "s", List.of(spec(1), spec(2), spec(3)));
    }

    private static Decision register(int node, long incarnation) {
        return new Decision.RegisterNode(
                spec(node), incarnation, List.of(new DeviceSpec(new UUID(node, 0), 1L << 40)));
    }

    @Test
    void theNextProposalSucceedsAfterTheLeaderIsKilled() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int first = trio.awaitLeader();
            assertEquals(
                    new Result(Result.Outcome.DONE, 1, ""),
                    trio.propose(first, init(trio.clusterId)));
            assertEquals(
                    new Result(Result.Outcome.DONE, 2, ""), trio.propose(first, register(1, 5)));
            long term = trio.logs.get(first).currentTerm();

            long startNs = System.nanoTime();
            trio.stop(first);
            int second = trio.awaitLeader();
            assertNotEquals(first, second);
            assertEquals(
                    new Result(Result.Outcome.DONE, 3, ""), trio.propose(second, register(2, 5)));
            long tookMs = (System.nanoTime() - startNs) / 1_000_000;
            System.out.println("next proposal after the leader's end: " + tookMs + " ms");
            assertTrue(tookMs < 15_000, tookMs + " ms");
            assertTrue(trio.logs.get(second).currentTerm() > term);

            trio.start(first, false);
            trio.await(() -> trio.logs.get(first).state().map().epoch() == 3, 20_000);
            assertEquals(
                    trio.logs.get(second).state(), trio.logs.get(first).state(), "it catches up");
        }
    }

    /** The leader's silence alone would take at least as long as the election's shortest wait. */
    @Test
    void aVoterThatKnowsOfTheLeadersEndLeadsLongBeforeSilenceWouldTell() throws Exception {
        int electionMinMs = 8_000;
        try (RatisTrio trio = new RatisTrio(directory, electionMinMs)) {
            trio.startAll();
            trio.await(() -> trio.leader() != 0, 5L * electionMinMs);
            int first = trio.leader();
            trio.propose(first, init(trio.clusterId));
            int successor = first == 1 ? 2 : 1;
            RatisLog log = trio.logs.get(successor);
            trio.await(() -> log.state().map().epoch() == 1, 10_000);
            trio.stop(first);

            long startNs = System.nanoTime();
            log.standFor(first);
            trio.await(() -> log.leadingTerm() != 0, electionMinMs / 2);
            System.out.printf(
                    "leads %d ms after it was told%n", (System.nanoTime() - startNs) / 1_000_000);
            assertEquals(
                    new Result(Result.Outcome.DONE, 2, ""),
                    trio.propose(successor, register(2, 5)));
        }
    }

    /** The first one that it asks is away: it goes on leading, says so once, and asks the next. */
    @Test
    void aLeaderHandsOverToOneAfterTheOther() throws Exception {
        Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
        try (RatisTrio trio = new RatisTrio(directory, 3_000)) {
            trio.startAll();
            int first = trio.awaitLeader();
            trio.propose(first, init(trio.clusterId));
            trio.await(
                    () ->
                            trio.logs.values().stream()
                                    .allMatch(log -> log.state().map().epoch() == 1),
                    10_000);
            int away = first == 1 ? 2 : 1;
            trio.stop(away);
            trio.logs.get(first).handOver("test");
            trio.logs.get(first).handOver("test");
            trio.await(() -> trio.leader() == 6 - first - away, 2_500);
            assertEquals(List.of(), List.copyOf(uncaught));
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void allRestartFromSnapshotAndLog() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int leader = trio.awaitLeader();
            trio.propose(leader, init(trio.clusterId));
            long last = 0;
            for (int i = 0; i < 3 * RatisTrio.SNAPSHOT_EVERY; i++) {
                Result result = trio.propose(leader, register(1 + i % 3, 10 + i));
                assertNotNull(result);
                last = result.epoch();
            }
            try (Stream<Path> files = Files.walk(directory)) {
                assertTrue(
                        files.anyMatch(
                                file -> file.getFileName().toString().startsWith("snapshot.")));
            }
            for (int id = 1; id <= 3; id++) {
                trio.stop(id);
            }
            for (int id = 1; id <= 3; id++) {
                trio.start(id, false);
            }
            leader = trio.awaitLeader();
            assertEquals(last, trio.logs.get(leader).state().map().epoch());
            assertEquals(trio.clusterId, trio.logs.get(leader).state().map().clusterId());
        }
    }

    /** Others have dropped from their logs what it has missed, so it gets a snapshot. */
    @Test
    void aVoterThatWasAwayForLongTakesPartAgain() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int leader = trio.awaitLeader();
            trio.propose(leader, init(trio.clusterId));
            int away = leader == 3 ? 2 : 3;
            int other = 6 - leader - away;
            trio.stop(away);
            decideSome(trio, leader);
            // A term of its own, so that the entries so far stand in a file of their own.
            trio.stop(leader);
            trio.start(leader, false);
            int next = trio.awaitLeader();
            long last = decideSome(trio, next);
            trio.start(away, false);
            trio.await(() -> trio.logs.get(away).state().map().epoch() == last, 20_000);

            trio.stop(next == leader ? other : leader);
            int third = trio.awaitLeader();
            Result result = trio.propose(third, register(1, ++incarnation));
            assertEquals(new Result(Result.Outcome.DONE, last + 1, ""), result, "two of three");
            assertTrue(trio.logs.get(away).alive());
        }
    }

    /** Returns the last epoch. */
    private long decideSome(RatisTrio trio, int leader) throws InterruptedException {
        long last = 0;
        for (int i = 0; i < 2 * RatisTrio.SNAPSHOT_EVERY + 10; i++) {
            Result result = trio.propose(leader, register(1 + i % 3, ++incarnation));
            assertNotNull(result);
            last = result.epoch();
        }
        return last;
    }

    @Test
    void aStrangerWithoutTheSecretNeverTakesPart() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.start(1, true);
            trio.start(2, true, ClusterSecret.random());
            assertThrows(AssertionError.class, () -> trio.await(() -> trio.leader() != 0, 5_000));
            trio.start(3, true);
            assertNotEquals(2, trio.awaitLeader());
            int leader = trio.leader();
            assertEquals(
                    new Result(Result.Outcome.DONE, 1, ""),
                    trio.propose(leader, init(trio.clusterId)));
            assertEquals(0, trio.logs.get(2).state().map().epoch());
        }
    }

    @Test
    void toConnectAnewToAVoterThatHangsHoldsNobody() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory);
                ServerSocket mute = trio.mute(2)) {
            trio.start(1, true);
            RatisLog log = trio.logs.get(1);
            long endNs = System.nanoTime() + 4_000_000_000L;
            THREADS.setThreadContentionMonitoringEnabled(true);
            long longestMs = 0;
            while (System.nanoTime() < endNs) {
                long nextNs = System.nanoTime() + 200_000_000L;
                trio.await(() -> System.nanoTime() >= nextNs, 5_000);
                long beforeMs = waitedMs();
                log.reconnect(2, System.nanoTime());
                longestMs = Math.max(longestMs, waitedMs() - beforeMs);
            }
            assertTrue(longestMs < 500, longestMs + " ms, on the thread that renews leases");
            assertFalse(mute.isClosed());
        }
    }

    /** How long this thread has waited for others; not for a core, which neighbours may have. */
    private static long waitedMs() {
        ThreadInfo self = THREADS.getThreadInfo(Thread.currentThread().threadId());
        return self.getWaitedTime() + self.getBlockedTime();
    }

    @Test
    void aFollowerKnowsWhoLeadsAndTakesNoProposals() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int leader = trio.awaitLeader();
            int follower = leader == 1 ? 2 : 1;
            trio.await(() -> trio.logs.get(follower).leader().nodeId() == leader, 10_000);
            assertEquals(null, trio.propose(follower, init(trio.clusterId)));
            assertEquals(
                    trio.logs.get(leader).leadingTerm(), trio.logs.get(follower).leader().term());
        }
    }
}
