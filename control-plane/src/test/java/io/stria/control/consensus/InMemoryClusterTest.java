package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The consensus of simulations, polled only when it says that something is due. */
class InMemoryClusterTest {
    private static final long SEED = 11;
    private static final long SECOND_NS = 1_000_000_000L;

    private final boolean[] cutOff = new boolean[4];
    private final InMemoryCluster cluster =
            new InMemoryCluster(
                    List.of(1, 2, 3),
                    InMemoryConfig.standard(),
                    new SplittableRandom(SEED),
                    (from, to) -> from == to || (!cutOff[from] && !cutOff[to]));
    private long nowNs;

    /** Polls when something is due; a poll just before that has nothing to do. */
    private void runFor(long ns) {
        long endNs = nowNs + ns;
        while (cluster.nextPollNs() <= endNs) {
            long dueNs = cluster.nextPollNs();
            if (dueNs - 1 > nowNs) {
                assertEquals(0, cluster.poll(dueNs - 1), "early work, seed " + SEED);
            }
            nowNs = Math.max(nowNs, dueNs);
            assertTrue(cluster.poll(nowNs) > 0, "nothing was due, seed " + SEED);
        }
        nowNs = endNs;
    }

    private Optional<InMemoryLog> leader() {
        return List.of(1, 2, 3).stream()
                .filter(id -> !cutOff[id])
                .map(cluster::log)
                .filter(log -> log.leadingTerm() != 0)
                .findFirst();
    }

    @Test
    void electsAndDecidesThoughPolledOnlyWhenSomethingIsDue() {
        runFor(5 * SECOND_NS);
        List<Result> decided = new ArrayList<>();
        DecisionLog.Callback callback =
                new DecisionLog.Callback() {
                    @Override
                    public void decided(Result result) {
                        decided.add(result);
                    }

                    @Override
                    public void unknown(String why) {
                        throw new AssertionError(why);
                    }
                };
        Decision init = new Decision.InitCluster(new UUID(1, 2), 8, "secret", List.of());
        leader().orElseThrow().propose(init, callback);
        runFor(SECOND_NS);
        assertEquals(1, decided.size());
        assertTrue(cluster.newestState().initialised());
    }

    /** What it knew it knows until it hears or looks, as a process does that was stopped. */
    @Test
    void aLeaderThatStoodStillThinksThatItLeads() {
        for (int round = 0; round < 20; round++) {
            runFor(6 * SECOND_NS);
            InMemoryLog frozen = leader().orElseThrow();
            long term = frozen.leadingTerm();
            frozen.standStill();
            runFor(6 * SECOND_NS);
            assertEquals(term, frozen.leadingTerm());
            assertTrue(newestTerm() > term, "another one leads meanwhile, seed " + SEED);
            frozen.goOn();
            assertEquals(term, frozen.leadingTerm());
            runFor(SECOND_NS);
            assertEquals(0, frozen.leadingTerm(), "it has heard of another one, seed " + SEED);
        }
    }

    private long newestTerm() {
        return List.of(1, 2, 3).stream()
                .mapToLong(id -> cluster.log(id).leadingTerm())
                .max()
                .orElseThrow();
    }

    @Test
    void losesMessagesWhenTold() {
        runFor(5 * SECOND_NS);
        assertTrue(leader().isPresent());
        cluster.lose(1);
        runFor(5 * SECOND_NS);
        assertTrue(leader().isEmpty());
        cluster.lose(0);
        runFor(5 * SECOND_NS);
        assertTrue(leader().isPresent());
    }

    @Test
    void electsAnotherWhenTheLeaderIsCutOffOrStops() {
        runFor(5 * SECOND_NS);
        for (int id = 1; id <= 3; id++) {
            long before = leader().orElseThrow().leadingTerm();
            cutOff[id] = true;
            cluster.log(id).stop();
            runFor(6 * SECOND_NS);
            assertTrue(leader().orElseThrow().leadingTerm() >= before);
            cutOff[id] = false;
            cluster.log(id).start();
            runFor(6 * SECOND_NS);
            assertTrue(leader().isPresent());
        }
    }
}
