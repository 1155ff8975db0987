package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.MapCodec;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.PlainDevices;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A leader and a process of a node that is no member any more. */
class RemovedNodeTest {
    private static final long MS = 1_000_000;
    private static final int VOTERS = 3;
    private static final int REMOVED = 4;
    private static final long INCARNATION = 7 << 12;
    private static final LeaseConfig CONFIG = LeaseConfig.standard();
    private static final String SENTENCE =
            "node 4 was removed from the cluster, and no node gets its number again";

    private record Sent(int to, Message message) {}

    private final PlainLog log = new PlainLog();
    private final List<Sent> fromLeader = new ArrayList<>();
    private final List<Message> fromNode = new ArrayList<>();
    private final List<String> endings = new ArrayList<>();
    private long leaseNs;
    private long nowNs = 1_000_000 * MS;
    private Coordinator leader = leader();
    private NodeAgent node = process(INCARNATION);

    RemovedNodeTest() {
        List<NodeSpec> specs =
                IntStream.rangeClosed(1, VOTERS).mapToObj(RemovedNodeTest::spec).toList();
        decide(new Decision.InitCluster(new UUID(7, 7), 8, "secret", specs));
        specs.forEach(spec -> decide(registration(spec.id(), 100)));
        decide(registration(REMOVED, INCARNATION));
    }

    private static NodeSpec spec(int id) {
        return new NodeSpec(id, "10.0.0." + id, 4420, 80, 98, "", "", id <= VOTERS);
    }

    private static Decision.RegisterNode registration(int node, long incarnation) {
        return new Decision.RegisterNode(spec(node), incarnation, List.of());
    }

    private Coordinator leader() {
        return new Coordinator(
                1, log, CONFIG, (to, message) -> fromLeader.add(new Sent(to, message)), null);
    }

    private NodeAgent process(long incarnation) {
        MapSink reactors =
                new MapSink() {
                    @Override
                    public void apply(ClusterMap map, Runnable confirm) {
                        confirm.run();
                    }

                    @Override
                    public void inForce(long epoch) {}
                };
        return new NodeAgent(
                new AgentConfig(spec(REMOVED), List.of(1, 2, 3, REMOVED), 1, incarnation, CONFIG),
                (to, message) -> fromNode.add(message),
                reactors,
                deadlineNs -> leaseNs = deadlineNs,
                new PlainDevices(List::of),
                () -> VoterReport.NONE,
                endings::add);
    }

    private void decide(Decision decision) {
        Decider.Step step = Decider.apply(log.state, decision);
        assertEquals(Result.Outcome.DONE, step.result().outcome(), step.result().toString());
        log.state = step.state();
    }

    /** Voters answer at once; what the node says gets through, and what it is told, or not. */
    private void run(long ms, boolean connected) {
        for (long end = nowNs + ms * MS; nowNs < end; nowNs += 5 * MS) {
            int from = fromLeader.size();
            leader.poll(nowNs);
            node.poll(nowNs);
            List<Message> said = List.copyOf(fromNode);
            fromNode.clear();
            if (connected) {
                said.forEach(this::toLeader);
            }
            List<Sent> answers = List.copyOf(fromLeader.subList(from, fromLeader.size()));
            for (Sent each : answers) {
                if (each.message instanceof Message.Confirm confirm && each.to <= VOTERS) {
                    leader.onMessage(
                            each.to,
                            new Message.Confirmed(confirm.term(), confirm.question(), 0),
                            nowNs);
                } else if (each.to == REMOVED && connected) {
                    node.onMessage(1, each.message, nowNs);
                }
            }
        }
    }

    private void toLeader(Message message) {
        if (message instanceof Message.WhoLeads) {
            node.onMessage(1, new Message.Leads(log.leadingTerm(), 1), nowNs);
        } else {
            leader.onMessage(REMOVED, message, nowNs);
        }
    }

    private boolean isLeased() {
        return leaseNs > nowNs;
    }

    private List<Message> toldTheRemoved() {
        return fromLeader.stream().filter(each -> each.to == REMOVED).map(Sent::message).toList();
    }

    private void serves() {
        run(1_000, true);
        assertTrue(isLeased());
    }

    /** As a leader does it: cut off, down when its lease has run out, and then removed. */
    private void isRemovedWhileItIsCutOff() {
        serves();
        for (int i = 0; i < 2_000 && online(); i++) {
            run(5, false);
        }
        assertTrue(!online(), "declared down");
        assertTrue(!isLeased(), "before it can be removed its lease has run out");
        decide(new Decision.RemoveNode(REMOVED, incarnation()));
        run(100, false);
        fromLeader.clear();
    }

    private boolean online() {
        return log.state.map().node(REMOVED).orElseThrow().state() == NodeState.ONLINE;
    }

    private long incarnation() {
        return log.state.map().node(REMOVED).map(NodeEntry::incarnation).orElseThrow();
    }

    @Test
    void aProcessThatComesBackIsToldAndEnds() {
        isRemovedWhileItIsCutOff();
        run(1_000, true);
        assertEquals(List.of(SENTENCE), endings, "once");
        assertTrue(!isLeased());
        assertTrue(log.state.map().isRemoved(REMOVED));
        assertTrue(
                toldTheRemoved().stream().noneMatch(each -> each instanceof Message.Renewed),
                "it gets no lease");
        run(3_000, true);
        assertEquals(1, endings.size());
    }

    @Test
    void soDoesAProcessThatStartsAnew() {
        isRemovedWhileItIsCutOff();
        node = process(INCARNATION + (1 << 12));
        run(1_000, true);
        assertEquals(List.of(SENTENCE), endings);
        assertTrue(!isLeased());
    }

    @Test
    void noMapIsPushedToItAndNobodyWaitsForIt() {
        isRemovedWhileItIsCutOff();
        decide(registration(5, 55));
        run(50, false);
        assertEquals(List.of(), toldTheRemoved());
        assertTrue(leader.view(nowNs).nodes().stream().noneMatch(view -> view.id() == REMOVED));
    }

    @Test
    void theNextLeaderDoesNotCallIt() {
        isRemovedWhileItIsCutOff();
        leader = leader();
        run(100, false);
        assertEquals(List.of(), toldTheRemoved());
        assertTrue(leader.view(nowNs).nodes().stream().noneMatch(view -> view.id() == REMOVED));
        run(3_000, false);
        assertEquals(log.state.map().epoch(), leader.view(nowNs).inForceEpoch());
    }

    @Test
    void whatIsProposedThroughItIsRefused() {
        isRemovedWhileItIsCutOff();
        leader.onMessage(REMOVED, new Message.Propose(17, new Decision.SetRebuildAfter(33)), nowNs);
        run(100, false);
        Message.Proposed answer = (Message.Proposed) toldTheRemoved().getFirst();
        assertEquals(17, answer.requestId());
        assertEquals(SENTENCE, answer.result().detail());
        assertTrue(log.state.rebuildAfterSeconds() != 33);
    }

    /** What it applied last is of no use to it. */
    @Test
    void aRenewalOfItIsAnsweredWithTheMapThatSaysSo() {
        isRemovedWhileItIsCutOff();
        leader.onMessage(
                REMOVED,
                new Message.Renew(
                        incarnation(),
                        999,
                        log.state.map().epoch(),
                        log.state.map().epoch(),
                        MapCodec.digest(log.state.map()),
                        1,
                        "",
                        VoterReport.NONE,
                        List.of(),
                        List.of(),
                        List.of()),
                nowNs);
        run(500, false);
        Message.NewMap told = (Message.NewMap) toldTheRemoved().getFirst();
        assertTrue(told.map().isRemoved(REMOVED));
        assertEquals(1, toldTheRemoved().size());
    }
}
