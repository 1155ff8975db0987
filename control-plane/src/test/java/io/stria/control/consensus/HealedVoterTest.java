package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.decisions.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A voter that was cut off is there again, and what was sent to it meanwhile hangs. */
class HealedVoterTest {
    @TempDir Path directory;

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

    private static void wait(RatisTrio trio, long ms) throws InterruptedException {
        long endNs = System.nanoTime() + ms * 1_000_000;
        trio.await(() -> System.nanoTime() >= endNs, 2 * ms);
    }

    private static RatisLog log(RatisTrio trio, int id) {
        RatisLog log = trio.logs.get(id);
        assertNotNull(log);
        return log;
    }

    private static long epoch(RatisTrio trio, int id) {
        return log(trio, id).state().map().epoch();
    }

    /** It is away for so long that the leader leaves time between its tries. */
    @Test
    void getsEntriesOfTheSameLeaderWithinASecondOfHealing() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.throughWays();
            trio.startAll();
            int leader = trio.awaitLeader();
            trio.propose(leader, init(trio.clusterId));
            int away = leader % 3 + 1;
            trio.await(() -> epoch(trio, away) == 1, 10_000);
            long term = log(trio, leader).currentTerm();

            trio.cut(away);
            wait(trio, 500);
            assertEquals(
                    new Result(Result.Outcome.DONE, 2, ""), trio.propose(leader, register(1, 5)));
            wait(trio, 8_500);
            trio.heal();
            long startNs = System.nanoTime();
            for (int id = 1; id <= 3; id++) {
                if (id != away) {
                    assertTrue(log(trio, away).reconnect(id, System.nanoTime()));
                }
            }
            assertTrue(log(trio, leader).reconnect(away, System.nanoTime()));
            trio.await(() -> epoch(trio, away) == 2, 5_000);
            long tookMs = (System.nanoTime() - startNs) / 1_000_000;
            System.out.println("replicated to " + tookMs + " ms after healing");
            assertTrue(tookMs < 1_000, tookMs + " ms");
            assertEquals(leader, trio.leader());
            assertEquals(term, log(trio, leader).currentTerm());
            assertFalse(log(trio, leader).reconnect(away, System.nanoTime()), "it answers");

            // The one that was away is enough for a majority now.
            trio.cut(6 - leader - away);
            wait(trio, 3_000);
            assertEquals(
                    new Result(Result.Outcome.DONE, 3, ""), trio.propose(leader, register(2, 5)));
            assertEquals(term, log(trio, leader).currentTerm());
        }
    }

    /** Who follows needs its connections to others when the leader ends, which may be later. */
    @Test
    void asksForVotesOnAConnectionThatIsNewSinceHealing() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory, 2_000)) {
            trio.throughWays();
            trio.startAll();
            int first = trio.awaitLeader();
            trio.propose(first, init(trio.clusterId));
            int second = first % 3 + 1;
            int third = 6 - first - second;
            trio.await(() -> epoch(trio, second) == 1 && epoch(trio, third) == 1, 10_000);
            // Then the first one has connections to both, and follows.
            log(trio, second).standFor(first);
            trio.await(() -> log(trio, second).leadingTerm() != 0, 10_000);
            trio.await(() -> log(trio, first).leader().nodeId() == second, 10_000);

            trio.cut(third);
            wait(trio, 300);
            trio.heal();
            assertTrue(log(trio, first).reconnect(third, System.nanoTime()));
            trio.stop(second);
            log(trio, first).standFor(second);
            trio.await(() -> trio.leader() != 0, 10_000);
            assertEquals(first, trio.leader());
        }
    }

    /** The only one that can be elected has just lost the leadership. */
    @Test
    void aLeaderThatLostItsMajorityLeadsAgainAsSoonAsItHasOne() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.throughWays();
            trio.startAll();
            int leader = trio.awaitLeader();
            trio.propose(leader, init(trio.clusterId));
            int late = leader % 3 + 1;
            trio.await(() -> epoch(trio, late) == 1, 10_000);
            trio.cut(late);
            assertEquals(
                    new Result(Result.Outcome.DONE, 2, ""), trio.propose(leader, register(1, 5)));
            trio.cut(6 - leader - late);
            trio.await(() -> trio.leader() == 0, 10_000);
            long startNs = System.nanoTime();
            trio.healBetween(leader, late);
            log(trio, leader).reconnect(late, System.nanoTime());
            log(trio, late).reconnect(leader, System.nanoTime());
            trio.await(() -> trio.leader() != 0, 10_000);
            long tookMs = (System.nanoTime() - startNs) / 1_000_000;
            System.out.println("leads again after " + tookMs + " ms");
            assertEquals(leader, trio.leader());
            assertTrue(tookMs < 4_500, tookMs + " ms");
        }
    }
}
