package io.stria.control.lease;

import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the leader of one term knows of one incarnation of a node. */
final class Member {
    /** A renewal that waits for its answer. */
    record Waiting(Message.Renew renewal, long receivedNs) {}

    final int nodeId;
    final long incarnation;
    boolean online;
    private long formerEndNs;
    private long grantedEndNs = Long.MIN_VALUE;
    private long suspectNs;
    private long unheardSuspectNs;
    private boolean ended;
    private boolean barred;
    private boolean downUnderWay;
    private long sequence;
    private long heardNs = Long.MIN_VALUE;

    /** Newest that it has applied of the maps that this leader knows. */
    long appliedEpoch;

    /** It has applied a map of this epoch that was not decided, or was lost; 0 if it has not. */
    private long strayEpoch;

    /** The process whose place it has taken, as long as that one may have a lease. */
    private @Nullable Member former;

    long pid;
    String engine = "";
    VoterReport voter = VoterReport.UNHEARD;
    List<Serving> serving = List.of();
    private List<DeviceFill> fills = List.of();
    private List<ScrubReport> scrubs = List.of();
    private @Nullable Waiting waiting;
    private @Nullable Waiting next;

    /**
     * @param formerEndNs the latest end of a lease that another leader may have granted
     * @param suspectNs the earliest time at which silence counts
     */
    Member(NodeEntry entry, long formerEndNs, long suspectNs) {
        nodeId = entry.id();
        incarnation = entry.incarnation();
        online = entry.state() == NodeState.ONLINE;
        this.formerEndNs = formerEndNs;
        this.suspectNs = suspectNs;
        unheardSuspectNs = suspectNs;
    }

    /**
     * What other leaders may have granted ends earlier than was known.
     *
     * @param suspectUnheardNs the earliest time at which silence counts, if it has not been heard
     *     in this term: one that has, and takes long to apply a map, lives
     */
    void formerLeasesEnd(long endNs, long suspectUnheardNs) {
        if (formerEndNs > endNs) {
            formerEndNs = endNs;
            unheardSuspectNs = suspectUnheardNs;
        }
        if (former != null) {
            former.formerLeasesEnd(endNs, suspectUnheardNs);
        }
    }

    /**
     * What is known of the node's next incarnation, which has registered in this term: nobody has
     * granted it anything. Another process may still run under this one's lease; a process that
     * registers again has given its lease up.
     */
    Member replacedBy(NodeEntry entry, long suspectFromNs) {
        Member next = new Member(entry, Long.MIN_VALUE, suspectFromNs);
        next.former = Incarnation.sameProcess(incarnation, next.incarnation) ? former : this;
        return next;
    }

    /**
     * Takes what the renewal says; false for a late or doubled one.
     *
     * @param agrees whether the map that it has applied is one that this leader knows
     */
    boolean heard(Message.Renew renewal, boolean agrees, long nowNs) {
        if (agrees) {
            appliedEpoch = Math.max(appliedEpoch, renewal.appliedEpoch());
        }
        if (renewal.sequence() <= sequence) {
            return false;
        }
        sequence = renewal.sequence();
        heardNs = nowNs;
        pid = renewal.pid();
        engine = renewal.engine();
        voter = renewal.voter();
        serving = List.copyOf(renewal.serving());
        fills = List.copyOf(renewal.devices());
        scrubs = List.copyOf(renewal.scrubs());
        Waiting newest = new Waiting(renewal, nowNs);
        Waiting older = waiting;
        if (older == null || older.renewal().appliedEpoch() < renewal.appliedEpoch()) {
            waiting = newest;
            next = null;
        } else {
            // The older one's answer is under way: a slow leader would never finish with any.
            next = newest;
        }
        return true;
    }

    /** In this term. */
    boolean isHeard() {
        return heardNs > Long.MIN_VALUE;
    }

    /** Of its devices, as it said last; none before it has said anything. */
    List<DeviceFill> fills() {
        return fills;
    }

    /** It has been heard, and did not name the device among those that take writes. */
    boolean isWithout(UUID deviceId) {
        return isHeard() && fills.stream().noneMatch(fill -> fill.deviceId().equals(deviceId));
    }

    @Nullable Waiting waiting() {
        return waiting;
    }

    void answered() {
        waiting = next;
        next = null;
    }

    boolean mayHaveLease() {
        return online && !ended && !barred;
    }

    void granted(long endNs, long suspectAfterNs) {
        grantedEndNs = Math.max(grantedEndNs, endNs);
        suspectNs = suspectAfterNs;
    }

    /**
     * Certainly without a lease. An offline node is: it was declared down when it had none, and
     * gets none until it registers anew.
     */
    boolean leaseGone(long nowNs) {
        return !online || ended || nowNs >= leaseEndNs();
    }

    private long leaseEndNs() {
        return Math.max(formerEndNs, grantedEndNs);
    }

    /**
     * The newest epoch that can be in force for all that this node has a lease for, itself or the
     * processes before it; {@code Long.MAX_VALUE} if none has one.
     */
    long mayBeInForce(long nowNs) {
        long epoch = leaseGone(nowNs) ? Long.MAX_VALUE : appliedEpoch;
        if (former == null) {
            return epoch;
        }
        long formerEpoch = former.mayBeInForce(nowNs);
        if (formerEpoch == Long.MAX_VALUE) {
            former = null;
        }
        return Math.min(epoch, formerEpoch);
    }

    /** Whether this is news: it is told once for each epoch. */
    boolean straysAt(long epoch) {
        boolean news = strayEpoch != epoch;
        strayEpoch = epoch;
        return news;
    }

    void straysNoMore() {
        strayEpoch = 0;
    }

    /** See {@link #straysAt}; 0 if it does not. */
    long strayEpoch() {
        return strayEpoch;
    }

    boolean silent(long nowNs) {
        return nowNs >= suspectNs();
    }

    long suspectNs() {
        return isHeard() ? suspectNs : Math.min(suspectNs, unheardSuspectNs);
    }

    /**
     * When the next of its times has come: that its silence counts, or that its lease has ended,
     * where somebody waits for that.
     */
    long nextNs(long nowNs, boolean isLeaseAwaited) {
        long nextNs = Long.MAX_VALUE;
        if (online && !downUnderWay && suspectNs() > nowNs) {
            nextNs = suspectNs();
        }
        if (isLeaseAwaited && !leaseGone(nowNs)) {
            nextNs = Math.min(nextNs, leaseEndNs());
        }
        if (isLeaseAwaited && former != null) {
            nextNs = Math.min(nextNs, former.leaseEndsNs(nowNs));
        }
        return nextNs;
    }

    private long leaseEndsNs(long nowNs) {
        long endsNs = leaseGone(nowNs) ? Long.MAX_VALUE : leaseEndNs();
        return former == null ? endsNs : Math.min(endsNs, former.leaseEndsNs(nowNs));
    }

    boolean ended() {
        return ended;
    }

    /**
     * A supervisor says that this process has ended: its own, or one before it. False if it is
     * neither.
     */
    boolean end(long endedIncarnation) {
        if (!Incarnation.sameProcess(incarnation, endedIncarnation)) {
            return former != null && former.end(endedIncarnation);
        }
        ended = true;
        waiting = null;
        next = null;
        return true;
    }

    boolean downUnderWay() {
        return downUnderWay;
    }

    /**
     * From the proposal on it gets no lease, whatever becomes of the proposal: none may be left
     * when the decision stands.
     */
    void downProposed() {
        barred = true;
        downUnderWay = true;
    }

    void downUnknown() {
        downUnderWay = false;
    }

    LeaderView.NodeView view(long nowNs) {
        return new LeaderView.NodeView(
                nodeId,
                pid,
                engine,
                !leaseGone(nowNs) && isHeard(),
                appliedEpoch,
                strayEpoch,
                voter,
                serving,
                scrubs);
    }
}
