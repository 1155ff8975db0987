package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.PlainDevices;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node has found out under its lease is asked for as long as that runs. */
class ProposalUnderLeaseTest {
    private static final long MS = 1_000_000;
    private static final int LEADER = 2;
    private static final int NEXT_LEADER = 3;
    private static final long INCARNATION = 7 << 12;
    private static final NodeSpec SELF = new NodeSpec(1, "10.0.0.1", 4420, 80, 98, "", "", true);
    private static final Decision MARK = new Decision.MarkBehind(1, 1, 4, "it does not answer");

    private final List<Message> sent = new ArrayList<>();
    private final List<Result.Outcome> answers = new ArrayList<>();
    private List<NodeEntry> nodes = List.of();
    private long leaseNs;
    private long nowNs = 5_000 * MS;

    private final NodeAgent agent =
            new NodeAgent(
                    new AgentConfig(
                            SELF,
                            List.of(1, LEADER, NEXT_LEADER),
                            1,
                            INCARNATION,
                            LeaseConfig.standard()),
                    (to, message) -> sent.add(message),
                    new MapSink() {
                        @Override
                        public void apply(ClusterMap map, Runnable confirm) {
                            confirm.run();
                        }

                        @Override
                        public void inForce(long epoch) {}
                    },
                    deadlineNs -> leaseNs = deadlineNs,
                    new PlainDevices(List::of),
                    () -> VoterReport.NONE,
                    why -> {
                        throw new AssertionError("nobody has taken its place");
                    });

    private void runUntil(long untilNs) {
        while (nowNs < untilNs) {
            nowNs += 10 * MS;
            agent.poll(nowNs);
        }
    }

    /** With a lease, and a leader that says nothing any more from now on. */
    @BeforeEach
    void serve() {
        NodeEntry self =
                new NodeEntry(
                        1,
                        SELF.address(),
                        SELF.dataPort(),
                        SELF.apiPort(),
                        SELF.consensusPort(),
                        "",
                        "",
                        true,
                        NodeState.ONLINE,
                        INCARNATION);
        nodes = List.of(self);
        mapOf(7);
        halfASecondLater();
        assertTrue(leaseNs > nowNs);
    }

    /** With another lease. */
    private void halfASecondLater() {
        runUntil(nowNs + 500 * MS);
        Message.Renew renew =
                sent.stream()
                        .filter(Message.Renew.class::isInstance)
                        .map(Message.Renew.class::cast)
                        .toList()
                        .getLast();
        agent.onMessage(
                LEADER,
                new Message.Renewed(3, renew.incarnation(), renew.sequence(), true, 0, 400 * MS),
                nowNs);
    }

    private long proposals() {
        return sent.stream().filter(Message.Propose.class::isInstance).count();
    }

    private void leaderFoundAt(long atNs) {
        runUntil(atNs);
        agent.onMessage(NEXT_LEADER, new Message.Leads(4, NEXT_LEADER), nowNs);
        agent.poll(nowNs);
    }

    /** It has not heard of a leader since before it proposed. */
    private void proposeWithoutLeader() {
        runUntil(nowNs + 1_200 * MS);
        assertEquals(0, agent.leader().nodeId());
        sent.clear();
        agent.proposeUnderLease(MARK, nowNs, result -> answers.add(result.outcome()));
    }

    @Test
    void itIsAskedOfALeaderThatIsFoundInTime() {
        proposeWithoutLeader();
        leaderFoundAt(leaseNs - 100 * MS);
        assertEquals(1, proposals());
        assertEquals(List.of(), answers);
    }

    @Test
    void aLeaderThatIsFoundAfterTheEndOfTheLeaseHearsNothingOfIt() {
        proposeWithoutLeader();
        leaderFoundAt(leaseNs + 10 * MS);
        runUntil(leaseNs + 3_000 * MS);
        assertEquals(0, proposals());
        assertEquals(List.of(Result.Outcome.NOT_READY), answers);
    }

    @Test
    void aNodeWithoutALeaseAsksForNothing() {
        leaderFoundAt(leaseNs + 10 * MS);
        sent.clear();
        agent.proposeUnderLease(MARK, nowNs, result -> answers.add(result.outcome()));
        runUntil(nowNs + 1_000 * MS);
        assertEquals(0, proposals());
        assertEquals(List.of(Result.Outcome.NOT_READY), answers);
    }

    private void propose(Decision decision) {
        agent.proposeUnderLease(decision, nowNs, result -> answers.add(result.outcome()));
        agent.poll(nowNs);
    }

    private void answer(Result.Outcome outcome, long epoch) {
        Message.Propose last =
                sent.stream()
                        .filter(Message.Propose.class::isInstance)
                        .map(Message.Propose.class::cast)
                        .toList()
                        .getLast();
        Result result = new Result(outcome, epoch, "");
        agent.onMessage(LEADER, new Message.Proposed(last.requestId(), result), nowNs);
    }

    private void mapOf(long epoch) {
        ClusterMap next = new ClusterMap(new UUID(7, 7), epoch, 8, nodes, List.of(), List.of());
        agent.onMessage(LEADER, new Message.NewMap(3, next, epoch), nowNs);
    }

    /** Its owner asks for it twice a second, each time with other words, for hours. */
    @Test
    void aMarkThatTheMapStandsAgainstIsAskedForOnceInAWhile() {
        propose(MARK);
        answer(Result.Outcome.CONFLICT, 7);
        for (int again = 0; again < 9; again++) {
            halfASecondLater();
            propose(new Decision.MarkBehind(1, 1, 4, "it is away for " + again));
        }
        assertEquals(1, proposals());
        assertEquals(10, answers.size());
        assertEquals(Set.of(Result.Outcome.CONFLICT), Set.copyOf(answers));
        halfASecondLater();
        propose(MARK);
        assertEquals(2, proposals());
    }

    @Test
    void itIsAskedForAtOnceWhenTheMapHasChanged() {
        propose(MARK);
        answer(Result.Outcome.CONFLICT, 8); // which this node has not yet
        mapOf(8);
        propose(MARK);
        assertEquals(1, proposals());
        mapOf(9);
        propose(MARK);
        assertEquals(2, proposals());
    }

    @Test
    void otherMarksAndOtherAnswersAreNotHeldBack() {
        propose(MARK);
        answer(Result.Outcome.CONFLICT, 7);
        propose(new Decision.MarkBehind(1, 1, 5, "another slot"));
        assertEquals(2, proposals());
        answer(Result.Outcome.NOT_READY, 7);
        propose(new Decision.MarkBehind(1, 1, 5, "another slot"));
        assertEquals(3, proposals());
        propose(new Decision.MarkBehind(1, 2, 4, "the owner has started anew"));
        assertEquals(4, proposals());
    }
}
