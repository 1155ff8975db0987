package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import java.util.SortedSet;
import java.util.function.BooleanSupplier;

/**
 * What one owner asks of the control plane for its volume epoch, under its lease. What is asked of
 * a slot, or for a way to one, is repeated no sooner than it may be; whoever moves pages sees to
 * that itself. On the owner's thread.
 */
final class OwnerProposals {
    private final MapProposals proposals;
    private final BooleanSupplier lease;
    private final int vuid;
    private final int epoch;
    private final long repeatNs;
    private long nextCutOffNs;

    OwnerProposals(
            MapProposals proposals,
            BooleanSupplier lease,
            int vuid,
            int epoch,
            long repeatNs,
            long nowNs) {
        this.proposals = proposals;
        this.lease = lease;
        this.vuid = vuid;
        this.epoch = epoch;
        this.repeatNs = repeatNs;
        this.nextCutOffNs = nowNs;
    }

    /** Pause before a proposal is repeated. */
    long repeatNs() {
        return repeatNs;
    }

    void behind(StoreLink link, String reason, long nowNs) {
        if (!link.mayMiss() && isDue(link, nowNs)) {
            link.lastProposalNs = nowNs;
            proposals.markBehind(vuid, epoch, link.slot, reason);
        }
    }

    void inSync(StoreLink link, long nowNs) {
        if (isDue(link, nowNs)) {
            link.lastProposalNs = nowNs;
            proposals.markInSync(vuid, epoch, link.slot, link.behindMark());
        }
    }

    private boolean isDue(StoreLink link, long nowNs) {
        return lease.getAsBoolean() && nowNs - link.lastProposalNs >= repeatNs;
    }

    /** Writes wait for a store to which there is no way. */
    void cutOff(long nowNs) {
        if (lease.getAsBoolean() && nowNs - nextCutOffNs >= 0) {
            nextCutOffNs = nowNs + repeatNs;
            proposals.cutOff(vuid, epoch);
        }
    }

    /** Pages from the cursor to before {@code toPage} have moved; whoever asks repeats it. */
    void moved(Placing placing, long toPage, SortedSet<Integer> without) {
        if (lease.getAsBoolean()) {
            proposals.movePages(vuid, epoch, placing.since(), placing.cursor(), toPage, without);
        }
    }

    /** Said once, lease or not. */
    void serving() {
        proposals.serving(vuid, epoch);
    }
}
