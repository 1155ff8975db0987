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
    private long leaseEndNs;
    private long suspectNs;
    private boolean ended;
    private boolean barred;
    private boolean downUnderWay;
    private long sequence;
    private long heardNs = Long.MIN_VALUE;
    long appliedEpoch;
    long pid;
    String engine = "";
    List<Serving> serving = List.of();
    private List<DeviceFill> fills = List.of();
    private List<ScrubReport> scrubs = List.of();
    private @Nullable Waiting waiting;
    private @Nullable Waiting next;

    /**
     * @param leaseEndNs the latest end of a lease that another leader may have granted
     * @param suspectNs the earliest time at which silence counts
     */
    Member(NodeEntry entry, long leaseEndNs, long suspectNs) {
        nodeId = entry.id();
        incarnation = entry.incarnation();
        online = entry.state() == NodeState.ONLINE;
        this.leaseEndNs = leaseEndNs;
        this.suspectNs = suspectNs;
    }

    /** Takes what the renewal says; false for a late or doubled one. */
    boolean heard(Message.Renew renewal, long nowNs) {
        appliedEpoch = Math.max(appliedEpoch, renewal.appliedEpoch());
        if (renewal.sequence() <= sequence) {
            return false;
        }
        sequence = renewal.sequence();
        heardNs = nowNs;
        pid = renewal.pid();
        engine = renewal.engine();
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

    /** Of its devices, as it said last; none before it has said anything. */
    List<DeviceFill> fills() {
        return fills;
    }

    /** It has been heard, and did not name the device among those that take writes. */
    boolean isWithout(UUID deviceId) {
        return heardNs > Long.MIN_VALUE
                && fills.stream().noneMatch(fill -> fill.deviceId().equals(deviceId));
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
        leaseEndNs = Math.max(leaseEndNs, endNs);
        suspectNs = suspectAfterNs;
    }

    /**
     * Certainly without a lease. An offline node is: it was declared down when it had none, and
     * gets none until it registers anew.
     */
    boolean leaseGone(long nowNs) {
        return !online || ended || nowNs >= leaseEndNs;
    }

    boolean silent(long nowNs) {
        return nowNs >= suspectNs;
    }

    long suspectNs() {
        return suspectNs;
    }

    /**
     * When the next of its times has come: that its silence counts, or that its lease has ended,
     * where somebody waits for that.
     */
    long nextNs(long nowNs, boolean isLeaseAwaited) {
        long nextNs = Long.MAX_VALUE;
        if (online && !downUnderWay && suspectNs > nowNs) {
            nextNs = suspectNs;
        }
        if (isLeaseAwaited && !leaseGone(nowNs)) {
            nextNs = Math.min(nextNs, leaseEndNs);
        }
        return nextNs;
    }

    boolean ended() {
        return ended;
    }

    /** A supervisor says that its process has ended. */
    void end() {
        ended = true;
        waiting = null;
        next = null;
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
                !leaseGone(nowNs) && heardNs > Long.MIN_VALUE,
                appliedEpoch,
                serving,
                scrubs);
    }
}
