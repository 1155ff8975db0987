package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.control.PlainDevices;
import io.stria.control.decisions.NodeSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a voter tells a leader that asks whether it still follows. */
class ConfirmedTest {
    private static final long MS = 1_000_000;
    private static final long START_NS = 5_000 * MS;
    private static final int LEADER = 2;
    private static final NodeSpec SELF = new NodeSpec(1, "10.0.0.1", 4420, 80, 98, "", "", true);

    private final List<Message> sent = new ArrayList<>();
    private final PlainLog log = new PlainLog();
    private final ControlNode voter = new ControlNode(agent(), this::send, log, null, START_NS);

    private void send(int to, Message message) {
        assertEquals(LEADER, to);
        sent.add(message);
    }

    private NodeAgent agent() {
        return new NodeAgent(
                new AgentConfig(SELF, List.of(1, LEADER), 1, 7 << 12, LeaseConfig.standard()),
                this::send,
                new MapSink() {
                    @Override
                    public void apply(ClusterMap map, Runnable confirm) {
                        confirm.run();
                    }

                    @Override
                    public void inForce(long epoch) {}
                },
                deadlineNs -> {},
                new PlainDevices(List::of),
                () -> VoterReport.NONE,
                why -> {
                    throw new AssertionError("nobody has taken its place");
                });
    }

    private void ask(long term, long afterStartMs) {
        voter.onMessage(LEADER, new Message.Confirm(term, 17), START_NS + afterStartMs * MS);
    }

    @Test
    void itTellsForHowLongItHasConfirmedNobodyElse() {
        ask(log.currentTerm(), 1_500);
        ask(log.currentTerm(), 1_700);
        assertEquals(
                List.of(
                        new Message.Confirmed(1, 17, 1_500 * MS),
                        new Message.Confirmed(1, 17, 1_700 * MS)),
                sent);
    }

    /** After a loss of power it might confirm an earlier leader. */
    @Test
    void inATermThatItsDiskDoesNotHaveItTellsOfNoSilence() {
        log.kept = log.currentTerm() - 1;
        ask(log.currentTerm(), 1_500);
        assertEquals(List.of(new Message.Confirmed(1, 17, 0)), sent);
    }

    @Test
    void whoAsksInAnotherTermIsNotConfirmed() {
        ask(log.currentTerm() - 1, 1_500);
        ask(log.currentTerm() + 1, 1_600);
        assertTrue(sent.isEmpty(), sent::toString);
    }
}
