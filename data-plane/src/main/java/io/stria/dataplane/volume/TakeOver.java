package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;
import java.util.TreeSet;

/**
 * How a new owner begins (design rules 7 and 8). Every store that is in sync attaches, which fences
 * its predecessor, is compared ({@link Comparison}), and lists what it holds above the highest
 * committed watermark W that any of them reported. Each such block is decided and written again
 * under the new epoch; only then does the owner serve.
 *
 * <p>A store that stays silent is first marked behind by a decision of the control plane. Until
 * then it might hold a version that nobody else shows, so nothing is decided without it.
 */
final class TakeOver implements DecideOp.Listener, ListSweep.Listener {
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
    private ListSweep sweep;
    private int deciding;
    private int opsMade;

    TakeOver(VolumeOwner owner) {
        this.owner = owner;
        this.sweep = new ListSweep(owner, this);
    }

    boolean isDone() {
        return state == State.DONE;
    }

    @Override
    public String toString() {
        return state
                + (state == State.DECIDING
                        ? " (" + (undecided.size() + failed.size() + deciding) + " blocks left)"
                        : "");
    }

    /** Goes on as far as it can; called from the owner's poll. */
    void advance() {
        if (state == State.ATTACHING && owner.allInSyncAttached()) {
            inheritWatermark();
            if (owner.allTrusted()) {
                beginListing();
            }
        }
        if (state == State.DECIDING) {
            decideMore();
            if (undecided.isEmpty() && failed.isEmpty() && deciding == 0) {
                state = State.DONE;
            }
        }
    }

    /** Blocks that could not be decided are tried again: a store may have come back. */
    void retry() {
        undecided.addAll(failed);
        failed.clear();
    }

    private void inheritWatermark() {
        for (StoreLink link : owner.links()) {
            if (!link.isBehind()) {
                owner.inheritWatermark(link.attachedWatermark);
            }
        }
    }

    private void beginListing() {
        state = State.LISTING;
        candidates.clear();
        sweep = new ListSweep(owner, this);
        for (StoreLink link : owner.links()) {
            if (link.isReadable()) {
                sweep.add(link, owner.inheritedWatermark());
            }
        }
        sweep.next();
    }

    @Override
    public void onListed() {
        sweep.forEach((source, block, version, flags) -> candidates.add(block));
        if (sweep.isComplete()) {
            beginDeciding();
        } else {
            sweep.next();
        }
    }

    @Override
    public void onListFailed() {
        state = State.ATTACHING;
        owner.retryLater();
    }

    private void beginDeciding() {
        state = State.DECIDING;
        undecided.addAll(candidates);
        candidates.clear();
    }

    private void decideMore() {
        while (deciding < DECISIONS_AT_A_TIME && !undecided.isEmpty()) {
            DecideOp op = idleOps.poll();
            if (op == null) {
                op = new DecideOp(owner);
                opsMade++;
                assert opsMade <= DECISIONS_AT_A_TIME;
            }
            deciding++;
            owner.range(op, undecided.remove(), 1);
            op.decide(this);
        }
    }

    @Override
    public void onDecided(DecideOp op, IoStatus status) {
        deciding--;
        idleOps.add(op);
        if (status != IoStatus.OK) {
            failed.add(op.firstBlock);
            owner.retryLater();
        }
    }
}
