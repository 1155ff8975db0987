package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.MapCodec;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.PlainDevices;
import io.stria.control.decisions.NodeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A node that has applied a map which was lost. */
class StrayNodeTest {
    private static final long MS = 1_000_000;
    private static final int LEADER = 2;
    private static final int PORT = 4420;
    private static final int OTHER_PORT = 4421;
    private static final long INCARNATION = 7 << 12;
    private static final NodeSpec SELF = new NodeSpec(1, "10.0.0.1", PORT, 80, 98, "", "", true);

    private final List<Message> sent = new ArrayList<>();
    private final List<Long> applied = new ArrayList<>();
    private long leaseNs;
    private long inForce;
    private long nowNs = 5_000 * MS;

    private final NodeAgent agent =
            new NodeAgent(
                    new AgentConfig(
                            SELF, List.of(1, LEADER), 1, INCARNATION, LeaseConfig.standard()),
                    (to, message) -> sent.add(message),
                    new MapSink() {
                        @Override
                        public void apply(ClusterMap map, Runnable confirm) {
                            applied.add(map.epoch());
                            confirm.run();
                        }

                        @Override
                        public void inForce(long epoch) {
                            inForce = epoch;
                        }
                    },
                    deadlineNs -> leaseNs = deadlineNs,
                    new PlainDevices(List::of),
                    () -> VoterReport.UNHEARD,
                    why -> {
                        throw new AssertionError("nobody has taken its place");
                    });

    private static ClusterMap map(long epoch, int dataPort) {
        NodeEntry self =
                new NodeEntry(
                        1,
                        "10.0.0.1",
                        dataPort,
                        80,
                        98,
                        "",
                        "",
                        true,
                        NodeState.ONLINE,
                        INCARNATION);
        return new ClusterMap(new UUID(7, 7), epoch, 8, List.of(self), List.of(), List.of());
    }

    private void hear(Message message) {
        agent.onMessage(LEADER, message, nowNs);
        for (int i = 0; i < 50; i++) {
            nowNs += 10 * MS;
            agent.poll(nowNs);
        }
    }

    private void grant(long term) {
        Message.Renew renew = last(Message.Renew.class);
        agent.onMessage(
                LEADER,
                new Message.Renewed(term, renew.incarnation(), renew.sequence(), true, 0, 400 * MS),
                nowNs);
    }

    private <T> T last(Class<T> kind) {
        return sent.stream().filter(kind::isInstance).map(kind::cast).toList().getLast();
    }

    /** With a lease, under the third term. */
    private void serve() {
        hear(new Message.NewMap(3, map(7, PORT), 7));
        grant(3);
        assertTrue(leaseNs > nowNs);
    }

    @Test
    void saysWhichMapItHasApplied() {
        serve();
        assertEquals(7, last(Message.Renew.class).appliedEpoch());
        assertEquals(MapCodec.digest(map(7, PORT)), last(Message.Renew.class).appliedDigest());
    }

    @Test
    void givesItsLeaseUpWhenItsEpochHasAnotherMap() {
        serve();
        hear(new Message.NewMap(4, map(7, OTHER_PORT), 7));
        assertEquals(0, leaseNs);
        assertEquals(List.of(7L), applied);
        assertEquals(7, agent.strayEpoch());
    }

    /** Only one that has lost the newer one has an older one. */
    @Test
    void givesItsLeaseUpWhenANewLeaderHasAnOlderMap() {
        serve();
        hear(new Message.NewMap(4, map(6, PORT), 6));
        assertEquals(0, leaseNs);
        assertEquals(7, agent.strayEpoch());
    }

    @Test
    void aLeaseOfTheLeaderBeforeIsNotTakenAnyMore() {
        serve();
        hear(new Message.NewMap(4, map(7, OTHER_PORT), 7));
        grant(3);
        assertEquals(0, leaseNs);
    }

    @Test
    void aMapOfTheSameLeaderThatComesLateOrTwiceIsNoSign() {
        serve();
        long before = leaseNs;
        hear(new Message.NewMap(3, map(6, OTHER_PORT), 6));
        hear(new Message.NewMap(3, map(7, PORT), 6));
        hear(new Message.NewMap(4, map(7, PORT), 6));
        assertEquals(before, leaseNs);
        assertEquals(0, agent.strayEpoch());
    }

    /** So what it owns starts at a new epoch. */
    @Test
    void registersAnewWhenItHasALaterMap() {
        serve();
        hear(new Message.NewMap(4, map(7, OTHER_PORT), 7));
        assertTrue(
                sent.stream().noneMatch(Message.Register.class::isInstance),
                "its reactors have the lost map");
        hear(new Message.NewMap(4, map(8, OTHER_PORT), 7));
        assertEquals(List.of(7L, 8L), applied);
        assertEquals(INCARNATION + 1, last(Message.Register.class).registration().incarnation());
        assertEquals(INCARNATION + 1, agent.incarnation());
    }

    @Test
    void whatALeaderBeforeSaysOfMapsIsNotBelieved() {
        serve();
        hear(new Message.NewMap(4, map(8, PORT), 7));
        hear(new Message.NewMap(3, map(9, OTHER_PORT), 9));
        hear(new Message.InForce(3, 8));
        assertEquals(List.of(7L, 8L), applied);
        assertEquals(7, inForce);
    }

    /** It might be another map of that epoch that is in force. */
    @Test
    void anEpochIsInForceWhenItsMapHasArrived() {
        serve();
        hear(new Message.InForce(3, 8));
        assertEquals(7, inForce);
        hear(new Message.NewMap(3, map(8, PORT), 8));
        assertEquals(8, inForce);
    }
}
