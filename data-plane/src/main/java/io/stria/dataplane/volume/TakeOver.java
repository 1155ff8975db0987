package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * How a new owner begins (rules 7 and 8 of docs/correctness.md). Every store that is in sync
 * attaches, which fences its predecessor, is compared ({@link Comparison}), and lists what it holds
 * above the highest committed watermark W that any of them reported. Each such block is decided and
 * written again under the new epoch; only then does the owner serve.
 *
 * <p>A store that stays silent is first marked behind by a decision of the control plane. Until
 * then it might hold a version that nobody else shows, so nothing is decided without it.
 */
final class TakeOver implements DecideOp.Listener, Listing.Listener {
    private enum State {
        ATTACHING,
        LISTING,
        DECIDING,
        DONE
    }

    private static final int DECISIONS_AT_A_TIME = 16;

    private final VolumeOwner owner;
    private final TreeSet<Long> candidates = new TreeSet<>();
    private final ArrayDeque<Long> undecided = new ArrayDeque<>();
    private final ArrayDeque<Long> failed = new ArrayDeque<>();
    private final ArrayDeque<DecideOp> idleOps = new ArrayDeque<>();
    private State state = State.ATTACHING;
    private List<StoreLink> voters = List.of();
    private final List<DecideOp> deciding = new ArrayList<>();
    private final Listing listing;

    TakeOver(VolumeOwner owner) {
        this.owner = owner;
        this.listing = new Listing(owner, this);
    }

    boolean isDone() {
        return state == State.DONE;
    }

    @Override
    public String toString() {
        return state
                + (state == State.DECIDING
                        ? " ("
                                + (undecided.size() + failed.size() + deciding.size())
                                + " blocks left)"
                        : "");
    }

    /** Goes on as far as it can; called from the owner's poll. */
    void advance() {
        boolean allVote = owner.links().allTrusted();
        if (state == State.ATTACHING && allVote) {
            beginListing();
        }
        if (state == State.DECIDING) {
            if (allVote) {
                decideMore();
            }
            if (undecided.isEmpty() && failed.isEmpty() && deciding.isEmpty()) {
                state = State.DONE;
            }
        }
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        listing.onLinksChanged();
        for (DecideOp op : List.copyOf(deciding)) {
            op.onLinksChanged();
        }
    }

    /** Blocks that could not be decided are tried again: a store may have come back. */
    void retry() {
        undecided.addAll(failed);
        failed.clear();
    }

    private void beginListing() {
        state = State.LISTING;
        candidates.clear();
        voters = owner.links().stream().filter(StoreLink::isReadable).toList();
        list(0);
    }

    private void list(long fromPage) {
        listing.begin(fromPage, owner.watermark().inherited(), voters);
    }

    @Override
    public void onListed(Listing ended) {
        if (!ended.isComplete()) {
            state = State.ATTACHING;
            return;
        }
        ended.collect(ended.endPage(), candidates);
        if (ended.endPage() == Long.MAX_VALUE) {
            beginDeciding();
        } else {
            list(ended.endPage());
        }
    }

    private void beginDeciding() {
        state = State.DECIDING;
        undecided.addAll(candidates);
        candidates.clear();
    }

    private void decideMore() {
        while (deciding.size() < DECISIONS_AT_A_TIME && !undecided.isEmpty()) {
            DecideOp op = idleOps.poll();
            if (op == null) {
                op = new DecideOp(owner);
            }
            deciding.add(op);
            owner.pages().range(op, undecided.remove(), 1);
            op.decide(this);
        }
    }

    @Override
    public void onDecided(DecideOp op, IoStatus status) {
        deciding.remove(op);
        if (op.isIdle()) {
            idleOps.add(op);
        }
        if (status != IoStatus.OK) {
            failed.add(op.firstBlock);
            owner.retryLater();
        }
    }
}
