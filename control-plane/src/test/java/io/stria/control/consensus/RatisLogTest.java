package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.security.ClusterSecret;
import java.io.IOException;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RatisLogTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** The product's, where elections are the subject. */
    private static final int SHORT_ELECTION_MS = 700;

    /** Nobody stands because of silence while a test has another reason for it. */
    private static final int LONG_ELECTION_MS = 8_000;

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
        try (RatisTrio trio = new RatisTrio(directory, SHORT_ELECTION_MS)) {
            trio.startAll();
            assertEquals(1, trio.accept(init(trio.clusterId)));
            assertEquals(2, trio.accept(register(1, 5)));
            int first = trio.awaitLeader();
            long term = trio.log(first).currentTerm();

            long startNs = System.nanoTime();
            trio.stop(first);
            assertEquals(3, trio.accept(register(2, 5)));
            long tookMs = (System.nanoTime() - startNs) / 1_000_000;
            System.out.println("next proposal after the leader's end: " + tookMs + " ms");
            assertTrue(tookMs < 15_000, tookMs + " ms");
            int second = trio.awaitLeader();
            assertNotEquals(first, second);
            assertTrue(trio.log(second).currentTerm() > term);

            trio.start(first, false);
            trio.await(() -> trio.epoch(first) == 3 && trio.epoch(second) == 3);
            assertEquals(trio.log(second).state(), trio.log(first).state(), "it catches up");
        }
    }

    /** The leader's silence alone would take at least as long as the election's shortest wait. */
    @Test
    void aVoterThatKnowsOfTheLeadersEndLeadsLongBeforeSilenceWouldTell() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory, LONG_ELECTION_MS)) {
            trio.startAll();
            trio.accept(init(trio.clusterId));
            int first = trio.awaitLeader();
            int successor = first == 1 ? 2 : 1;
            RatisLog log = trio.log(successor);
            trio.await(() -> log.state().map().epoch() == 1);
            trio.stop(first);

            long startNs = System.nanoTime();
            log.standFor(first);
            trio.await(() -> log.leadingTerm() != 0, LONG_ELECTION_MS / 2);
            System.out.printf(
                    "leads %d ms after it was told%n", (System.nanoTime() - startNs) / 1_000_000);
            assertEquals(2, trio.accept(register(2, 5)));
        }
    }

    /** The first one that it asks is away: it goes on leading, says so once, and asks the next. */
    @Test
    void aLeaderHandsOverToOneAfterTheOther() throws Exception {
        Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            if (thread.getName().equals(RatisLog.HAND_OVER)) {
                uncaught.add(thrown);
            }
        });
        try (RatisTrio trio = new RatisTrio(directory, LONG_ELECTION_MS)) {
            trio.startAll();
            trio.accept(init(trio.clusterId));
            int first = trio.awaitLeader();
            trio.await(() ->
                    trio.logs.values().stream().allMatch(log -> log.state().map().epoch() == 1));
            int away = first == 1 ? 2 : 1;
            trio.stop(away);
            trio.log(first).handOver("test");
            trio.log(first).handOver("test");
            trio.await(() -> trio.leader() == 6 - first - away, LONG_ELECTION_MS / 2);
            assertEquals(List.of(), List.copyOf(uncaught));
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void allRestartFromSnapshotAndLog() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            trio.accept(init(trio.clusterId));
            long last = 0;
            for (int i = 0; i < 3 * RatisTrio.SNAPSHOT_EVERY; i++) {
                last = trio.accept(register(1 + i % 3, 10 + i));
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
            int leader = trio.awaitLeader();
            assertEquals(last, trio.epoch(leader));
            assertEquals(trio.clusterId, trio.log(leader).state().map().clusterId());
        }
    }

    /** Others have dropped from their logs what it has missed, so it gets a snapshot. */
    @Test
    void aVoterThatWasAwayForLongTakesPartAgain() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            trio.accept(init(trio.clusterId));
            int leader = trio.awaitLeader();
            int away = leader == 3 ? 2 : 3;
            int other = 6 - leader - away;
            trio.await(() -> trio.epoch(away) == 1);
            trio.stop(away);
            long had = newestSnapshot(trio, away);
            decideSome(trio);
            // A term of its own, so that the entries so far stand in a file of their own.
            trio.stop(leader);
            trio.start(leader, false);
            long[] last = {decideSome(trio)};
            while (hasFirstEntries(trio, leader) || hasFirstEntries(trio, other)) {
                last[0] = decideSome(trio);
            }
            trio.start(away, false);
            trio.await(() -> trio.epoch(away) == last[0]);
            assertTrue(newestSnapshot(trio, away) > had, "others have no entries to send instead");

            trio.stop(trio.awaitLeader() == leader ? other : leader);
            assertEquals(last[0] + 1, trio.accept(register(1, ++incarnation)), "two of three");
            assertTrue(trio.log(away).alive());
        }
    }

    private static boolean hasFirstEntries(RatisTrio trio, int id) throws IOException {
        return names(trio.current(id)).stream()
                .anyMatch(name -> name.startsWith("log_0-") || name.equals("log_inprogress_0"));
    }

    /** The last entry that it stands for; -1 if there is none. */
    private static long newestSnapshot(RatisTrio trio, int id) throws IOException {
        return names(trio.storage(id).resolve("sm")).stream()
                .filter(name -> name.matches("snapshot\\.\\d+_\\d+"))
                .mapToLong(name -> Long.parseLong(name.substring(name.indexOf('_') + 1)))
                .max()
                .orElse(-1);
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Returns the last epoch. */
    private long decideSome(RatisTrio trio) throws InterruptedException {
        long last = 0;
        for (int i = 0; i < 2 * RatisTrio.SNAPSHOT_EVERY + 10; i++) {
            last = trio.accept(register(1 + i % 3, ++incarnation));
        }
        return last;
    }

    @Test
    void aStrangerWithoutTheSecretNeverTakesPart() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory, SHORT_ELECTION_MS)) {
            trio.start(1, true);
            trio.start(2, true, ClusterSecret.random());
            assertThrows(AssertionError.class, () -> trio.await(() -> trio.leader() != 0, 5_000));
            trio.start(3, true);
            assertNotEquals(2, trio.awaitLeader());
            assertEquals(1, trio.accept(init(trio.clusterId)));
            assertEquals(0, trio.epoch(2));
        }
    }

    @Test
    void toConnectAnewToAVoterThatHangsHoldsNobody() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory);
                ServerSocket mute = trio.mute(2)) {
            trio.start(1, true);
            RatisLog log = trio.log(1);
            long endNs = System.nanoTime() + 4_000_000_000L;
            THREADS.setThreadContentionMonitoringEnabled(true);
            long longestMs = 0;
            while (System.nanoTime() < endNs) {
                long nextNs = System.nanoTime() + 200_000_000L;
                trio.await(() -> System.nanoTime() >= nextNs);
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
            // All at one time: leaders may follow each other.
            trio.await(() -> {
                DecisionLog.Leader leader = trio.log(1).leader();
                return leader.nodeId() != 0
                        && leader.term() == trio.log(leader.nodeId()).leadingTerm()
                        && leader.equals(trio.log(2).leader())
                        && leader.equals(trio.log(3).leader());
            });
            int follower = trio.leader() == 1 ? 2 : 1;
            assertEquals(null, trio.propose(follower, init(trio.clusterId)));
        }
    }
}
