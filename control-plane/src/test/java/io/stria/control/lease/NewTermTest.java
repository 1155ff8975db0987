package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a new leader knows of the leases that those before it have granted. */
class NewTermTest {
    private static final long START_NS = 1_000_000_000_000L;
    private static final long STOOD_STILL_NS = 3_000_000_000L;
    private static final LeaseConfig CONFIG = LeaseConfig.standard();
    private static final int NODES = 5;
    private static final long MS = 1_000_000;

    /** Led before, and is not heard any more. */
    private static final int FORMER = 2;

    /** Is heard, and does not get as far as a lease. */
    private static final int SLOW = 5;

    /** By voter, for how long it has confirmed nobody when it is asked first. */
    private final Map<Integer, Long> quietMs = new HashMap<>();

    private final List<Message> sent = new ArrayList<>();
    private final WonLog log = new WonLog();
    private final Coordinator coordinator = new Coordinator(1, log, CONFIG, this::send, null);

    /** Nodes that were told who leads, since somebody last looked. */
    private final List<Integer> called = new ArrayList<>();

    /** By node, in milliseconds after the election. */
    private final Map<Integer, List<Long>> calledMs = new HashMap<>();

    private void send(int to, Message message) {
        sent.add(message);
        if (message instanceof Message.Leads) {
            called.add(to);
        }
    }

    private boolean isInForce() {
        return sent.stream().anyMatch(Message.InForce.class::isInstance);
    }

    /**
     * Its thread stands still after it has read the clock, and before it sees that it leads. Leases
     * that the leader before granted meanwhile run from later than that reading.
     */
    @Test
    void leasesAreReckonedFromATimeThatWasReadWhenItLed() {
        coordinator.poll(START_NS);
        assertEquals(START_NS, coordinator.nextPollNs(), "at once, with a new reading");
        long readAgainNs = START_NS + STOOD_STILL_NS;
        coordinator.poll(readAgainNs);
        assertTrue(coordinator.leads());
        coordinator.poll(readAgainNs + CONFIG.longestNs() - 1);
        assertFalse(isInForce(), "a lease of the leader before may run still");
        coordinator.poll(readAgainNs + CONFIG.longestNs() + 1);
        assertTrue(isInForce());
    }

    /** Milliseconds from the election until the node counts as down. */
    private Map<Integer, Long> elected(long afterStartMs) {
        log.leads = false;
        coordinator.poll(START_NS - afterStartMs * MS);
        log.leads = true;
        coordinator.poll(START_NS - 1);
        coordinator.poll(START_NS);
        assertTrue(sent.stream().anyMatch(Message.Confirm.class::isInstance), "it asks at once");
        Map<Integer, Long> down = new HashMap<>();
        for (long ms = 1; ms < 3_000; ms++) {
            long nowNs = START_NS + ms * MS;
            if (ms == 50) {
                long epoch = log.state().map().epoch();
                coordinator.onMessage(SLOW, renewal(SLOW, 1, epoch), nowNs);
            }
            for (Message message : List.copyOf(sent)) {
                if (message instanceof Message.Confirm confirm) {
                    long since = ms;
                    quietMs.forEach(
                            (voter, quiet) -> confirmed(voter, confirm, quiet + since, nowNs));
                }
            }
            for (int node : called) {
                calledMs.computeIfAbsent(node, none -> new ArrayList<>()).add(ms);
            }
            called.clear();
            sent.clear();
            coordinator.poll(nowNs);
            for (Decision decision : log.proposed) {
                if (decision instanceof Decision.NodeDown node) {
                    down.putIfAbsent(node.nodeId(), ms);
                }
            }
        }
        return down;
    }

    private void confirmed(int voter, Message.Confirm confirm, long ms, long nowNs) {
        coordinator.onMessage(
                voter, new Message.Confirmed(confirm.term(), confirm.question(), ms * MS), nowNs);
    }

    private static void assertAbout(long expectedMs, Map<Integer, Long> down, int node) {
        long ms = down.getOrDefault(node, Long.MAX_VALUE);
        assertTrue(ms >= expectedMs && ms <= expectedMs + 20, "node %d: %s".formatted(node, down));
    }

    @Test
    void whoIsElectedLongAfterTheLastConfirmationDeclaresTheFormerLeaderDownSoon() {
        quietMs.putAll(Map.of(1, 1_500L, 3, 1_600L, 4, 1_700L, 5, 0L));
        Map<Integer, Long> down = elected(60_000);
        assertAbout(600, down, FORMER);
        assertAbout(2_100, down, SLOW);
    }

    @Test
    void itWaitsForLeasesOfWhichOneOfAMajorityMayKnow() {
        quietMs.putAll(Map.of(1, 1_500L, 3, 1_600L, 4, 1_000L));
        assertAbout(1_100, elected(60_000), FORMER);
    }

    @Test
    void aVoterWhoseProcessHasJustStartedMakesItWaitForAWholeLease() {
        quietMs.putAll(Map.of(1, 1_500L, 3, 1_600L, 4, 0L));
        assertAbout(2_100, elected(60_000), FORMER);
    }

    /** A message may be lost, and there are fewer chances than in a whole lease. */
    @Test
    void whoIsNotHeardIsCalledAgainUntilItIs() {
        quietMs.putAll(Map.of(1, 1_500L, 3, 1_600L, 4, 1_700L, 5, 0L));
        elected(60_000);
        List<Long> former = calledMs.getOrDefault(FORMER, List.of());
        assertTrue(former.size() >= 5 && former.getLast() >= 500, former::toString);
        assertTrue(former.getLast() <= 620, () -> "it counts as down by then: " + former);
        List<Long> slow = calledMs.getOrDefault(SLOW, List.of());
        assertTrue(slow.size() <= 1, () -> "it was heard after 50 ms: " + slow);
    }

    /** It may have led itself, even in this term. */
    @Test
    void itsOwnProcessThatHasJustStartedMakesItWaitForAWholeLeaseFromThen() {
        quietMs.putAll(Map.of(1, 1_500L, 3, 1_600L, 4, 1_700L));
        assertAbout(1_800, elected(300), FORMER);
    }

    @Test
    void aLeaderWhoseEveryPollFailsGivesWay() {
        coordinator.poll(START_NS);
        coordinator.poll(START_NS + 1);
        assertTrue(coordinator.leads());
        long epoch = log.state().map().epoch();
        long overdueNs = 2 * CONFIG.longestNs();
        long sequence = 1;
        for (long ns = 0; ns < overdueNs + 1_500_000_000L; ns += CONFIG.leaseNs() / 20) {
            long nowNs = START_NS + ns;
            coordinator.onMessage(2, renewal(2, sequence++, epoch), nowNs);
            log.fails = true;
            assertThrows(IllegalStateException.class, () -> coordinator.poll(nowNs));
            log.fails = false;
            assertTrue(ns >= overdueNs || log.handedOver == 0);
        }
        assertEquals(2, log.handedOver, "once a second");
    }

    private static Message renewal(int node, long sequence, long epoch) {
        return new Message.Renew(
                100 + node,
                sequence,
                epoch,
                epoch,
                "",
                1,
                "nio",
                VoterReport.NONE,
                List.of(),
                List.of(),
                List.of());
    }

    /** This voter has won an election, and has applied all that was decided before. */
    private static final class WonLog implements DecisionLog {
        private final ClusterState state = running();
        private final List<Decision> proposed = new ArrayList<>();
        private int handedOver;
        private boolean fails;
        private boolean leads = true;

        private static ClusterState running() {
            List<NodeSpec> specs = IntStream.rangeClosed(1, NODES).mapToObj(WonLog::node).toList();
            ClusterState state =
                    apply(
                            ClusterState.empty(),
                            new Decision.InitCluster(new UUID(7, 7), 8, "secret", specs));
            for (NodeSpec spec : specs) {
                List<DeviceSpec> devices =
                        List.of(new DeviceSpec(new UUID(spec.id(), 0), 1L << 36));
                state = apply(state, new Decision.RegisterNode(spec, 100 + spec.id(), devices));
            }
            return state;
        }

        private static NodeSpec node(int id) {
            return new NodeSpec(id, "127.0.0." + id, 4420, 8080, 9870, "", "", true);
        }

        private static ClusterState apply(ClusterState state, Decision decision) {
            return Decider.apply(state, decision).state();
        }

        @Override
        public int poll(long nowNs) {
            return 0;
        }

        @Override
        public long leadingTerm() {
            return leads ? 3 : 0;
        }

        @Override
        public long currentTerm() {
            return 3;
        }

        @Override
        public long keptTerm() {
            return currentTerm();
        }

        @Override
        public Leader leader() {
            return new Leader(3, 1);
        }

        @Override
        public ClusterState state() {
            if (fails) {
                throw new IllegalStateException("test");
            }
            return state;
        }

        @Override
        public void standFor(int formerLeader) {}

        @Override
        public void handOver(String why) {
            handedOver++;
        }

        @Override
        public void propose(Decision decision, Callback callback) {
            proposed.add(decision);
        }
    }
}
