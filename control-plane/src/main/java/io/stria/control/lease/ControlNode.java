package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.control.consensus.DecisionLog;
import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.decisions.Result;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The control plane of one node without any IO: its agent, and where it is a voter its coordinator
 * and end of the log. Polled by one thread, which also brings it its messages.
 */
public final class ControlNode {
    private static final System.Logger LOG = System.getLogger(ControlNode.class.getName());

    private final NodeAgent agent;
    private final Outbox outbox;
    private final @Nullable DecisionLog log;
    private final @Nullable Coordinator coordinator;
    private final @Nullable Succession succession;
    private final Confirmations confirmations;

    /**
     * @param log null, as the coordinator, on a node that is no voter
     * @param startNs when the log was open: the process before had ended
     */
    public ControlNode(
            NodeAgent agent,
            Outbox outbox,
            @Nullable DecisionLog log,
            @Nullable Coordinator coordinator,
            long startNs) {
        this.agent = agent;
        this.outbox = outbox;
        this.log = log;
        this.coordinator = coordinator;
        confirmations = new Confirmations(startNs);
        this.succession = coordinator == null ? null : new Succession(coordinator.nodeId());
    }

    public NodeAgent agent() {
        return agent;
    }

    public int poll(long nowNs) {
        int work = 0;
        if (log != null) {
            work += log.poll(nowNs);
        }
        if (coordinator != null) {
            work += coordinator.poll(nowNs);
        }
        return work + agent.poll(nowNs);
    }

    /**
     * When it has to be polled next, unless something arrives earlier: a message, a confirmation of
     * reactors that have a map, a proposal, or news of the log.
     */
    public long nextPollNs() {
        long leadingNs = coordinator == null ? Long.MAX_VALUE : coordinator.nextPollNs();
        return Math.min(leadingNs, agent.nextPollNs());
    }

    /**
     * The process of this incarnation, or one of an earlier registration of it, has ended: its
     * supervisor says so to every node. The leader is asked for {@link NodeAgent#CHANGE_NS}.
     */
    public void attestEnded(int nodeId, long incarnation, long nowNs, Consumer<Result> answer) {
        agent.attestEnded(nodeId, incarnation, nowNs + NodeAgent.CHANGE_NS, answer);
        if (log != null && succession != null && isIn(agent.map())) {
            Leader leader = log.leader();
            if (succession.ended(nodeId, incarnation, leader, agent.map(), nowNs)) {
                standFor(log, leader);
            }
        }
    }

    /**
     * The process that has registered as this incarnation stands still: its supervisor says so to
     * every other node. If it leads, another voter is to do so before the leases run out that
     * nobody renews. It may go on at any time, so nothing else follows from it: whatever it has
     * granted or has been granted is waited for.
     */
    public void standsStill(int nodeId, long incarnation, long nowNs) {
        if (log != null && succession != null && isIn(agent.map())) {
            Leader leader = log.leader();
            if (succession.standsStill(nodeId, incarnation, leader, agent.map(), nowNs)) {
                standFor(log, leader);
            }
        }
    }

    private static void standFor(DecisionLog log, Leader leader) {
        LOG.log(
                System.Logger.Level.INFO,
                "node {0} led, and has ended or stands still: this node stands for election",
                leader.nodeId());
        log.standFor(leader.nodeId());
    }

    /** Others may still take a process for ended that the map does not know yet. */
    private boolean isIn(ClusterMap map) {
        return map.nodes().stream()
                .anyMatch(node -> Incarnation.sameProcess(node.incarnation(), agent.incarnation()));
    }

    public void onMessage(int from, Message message, long nowNs) {
        switch (message) {
            case Message.WhoLeads who -> sayWhoLeads(from);
            case Message.Register register -> toLeader(from, message, nowNs);
            case Message.Renew renew -> toLeader(from, message, nowNs);
            case Message.Confirm confirm -> confirm(from, confirm, nowNs);
            case Message.Confirmed confirmed -> toLeader(from, message, nowNs);
            case Message.Propose propose -> toLeader(from, message, nowNs);
            case Message.Ended ended -> toLeader(from, message, nowNs);
            case Message.CutOff cutOff -> toLeader(from, message, nowNs);
            case Message.AskView ask -> toLeader(from, message, nowNs);
            default -> agent.onMessage(from, message, nowNs);
        }
    }

    /** What this node knows as the leader; null while it does not lead. */
    public @Nullable LeaderView leads(long nowNs) {
        return coordinator == null || !coordinator.leads() ? null : coordinator.view(nowNs);
    }

    /** Who leads: from the log where there is one that works, else as others have said. */
    public Leader leader() {
        return log == null || !log.alive() ? agent.leader() : log.leader();
    }

    private void toLeader(int from, Message message, long nowNs) {
        if (coordinator != null && coordinator.leads()) {
            coordinator.onMessage(from, message, nowNs);
        } else {
            sayWhoLeads(from);
        }
    }

    /**
     * One that could come back to an earlier term could confirm its leader once more, so it says
     * nothing of how long it has not.
     */
    private void confirm(int from, Message.Confirm confirm, long nowNs) {
        long asked = confirm.term();
        if (log == null || !log.alive() || log.currentTerm() != asked) {
            return;
        }
        long quietNs = confirmations.confirm(from, asked, nowNs);
        if (quietNs != Confirmations.REFUSED) {
            long sureNs = log.keptTerm() >= asked ? quietNs : 0;
            outbox.send(from, new Message.Confirmed(asked, confirm.question(), sureNs));
        }
    }

    /**
     * An elected leader that has not begun yet says that nobody leads: else nodes would believe in
     * it, what they say to it would be lost, and they would not be called when it begins.
     */
    private void sayWhoLeads(int to) {
        Leader leader = leader();
        boolean begins =
                coordinator != null
                        && leader.nodeId() == coordinator.nodeId()
                        && !coordinator.leads();
        outbox.send(to, new Message.Leads(leader.term(), begins ? 0 : leader.nodeId()));
    }
}
