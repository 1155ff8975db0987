package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A voter that was cut off is there again, and what was sent to it meanwhile hangs. */
@Timeout(300)
class HealedVoterTest {
    private static final long SECOND_NS = 1_000_000_000L;

    /** A process that stands still for less loses no leadership. */
    private static final int ELECTION_MS = 4_000;

    /** So short that what is drawn at random takes little of the time that is measured. */
    private static final int SHORT_ELECTION_MS = 400;

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
        trio.await(() -> System.nanoTime() >= endNs);
    }

    /** It is away for so long that the leader leaves time between its tries. */
    @Test
    void getsEntriesOfTheSameLeaderWithinASecondOfHealing() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.throughWays();
            trio.startAll();
            trio.accept(init(trio.clusterId));
            int leader = trio.awaitLeader();
            int away = leader % 3 + 1;
            trio.await(() -> trio.epoch(away) == 1);
            long term = trio.log(leader).currentTerm();

            trio.cut(away);
            wait(trio, 500);
            assertEquals(2, trio.accept(register(1, 5)));
            wait(trio, 8_500);
            trio.heal();
            long startNs = System.nanoTime();
            for (int id = 1; id <= 3; id++) {
                if (id != away) {
                    assertTrue(trio.log(away).reconnect(id, System.nanoTime()));
                }
            }
            assertTrue(trio.log(leader).reconnect(away, System.nanoTime()));
            trio.await(() -> trio.epoch(away) == 2);
            long endNs = System.nanoTime();
            long connectedNs = trio.connectedAgainNs(leader, away);
            assertNotEquals(0, connectedNs);
            System.out.printf(
                    "connected anew %d ms after healing, replicated %d ms later%n",
                    (connectedNs - startNs) / 1_000_000, (endNs - connectedNs) / 1_000_000);
            // With its next heartbeat, which may be half of an election away. It never would on
            // what was open before.
            assertTrue(connectedNs - startNs < 3 * SECOND_NS, "connected too late");
            assertTrue(endNs - connectedNs < SECOND_NS, "replicated too late");
            assertEquals(leader, trio.leader());
            assertEquals(term, trio.log(leader).currentTerm());
            trio.await(() -> trio.log(leader).silenceMs(away) < RatisTrio.ELECTION_MS);

            // The one that was away is enough for a majority now.
            trio.cut(6 - leader - away);
            wait(trio, 3_000);
            assertEquals(3, trio.accept(register(2, 5)));
            assertEquals(term, trio.log(leader).currentTerm());
        }
    }

    /** Who follows needs its connections to others when the leader ends, which may be later. */
    @Test
    void asksForVotesOnAConnectionThatIsNewSinceHealing() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory, ELECTION_MS)) {
            trio.throughWays();
            trio.startAll();
            trio.accept(init(trio.clusterId));
            int first = trio.awaitLeader();
            int second = first % 3 + 1;
            int third = 6 - first - second;
            trio.await(() -> trio.epoch(second) == 1 && trio.epoch(third) == 1);
            // Then the first one has connections to both, and follows.
            trio.log(second).standFor(first);
            trio.await(() -> trio.log(second).leadingTerm() != 0);
            trio.await(() -> trio.log(first).leader().nodeId() == second);

            trio.cut(third);
            wait(trio, 300);
            trio.heal();
            assertTrue(trio.log(first).reconnect(third, System.nanoTime()));
            trio.stop(second);
            trio.log(first).standFor(second);
            trio.await(() -> trio.leader() != 0);
            assertEquals(first, trio.leader());
        }
    }

    /**
     * The only one that can be elected has just lost the leadership. It lets others stand first,
     * for two of the shortest elections; Ratis would have it wait for five seconds.
     */
    @Test
    void aLeaderThatLostItsMajorityLeadsAgainAsSoonAsItHasOne() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory, SHORT_ELECTION_MS)) {
            trio.throughWays();
            trio.startAll();
            trio.accept(init(trio.clusterId));
            int late = trio.awaitLeader() % 3 + 1;
            trio.await(() -> trio.epoch(late) == 1);
            trio.cut(late);
            assertEquals(2, trio.accept(register(1, 5)));
            int leader = trio.awaitLeader();
            trio.cut(6 - leader - late);
            trio.await(() -> trio.leader() == 0);
            long startNs = System.nanoTime();
            trio.healBetween(leader, late);
            trio.log(leader).reconnect(late, System.nanoTime());
            trio.log(late).reconnect(leader, System.nanoTime());
            trio.await(() -> trio.leader() != 0);
            long tookMs = (System.nanoTime() - startNs) / 1_000_000;
            System.out.println("leads again after " + tookMs + " ms");
            assertEquals(leader, trio.leader());
            assertTrue(tookMs < 4_500, tookMs + " ms");
        }
    }
}
