package io.stria.dataplane.volume;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
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
final class TakeOver implements DecideOp.Listener {
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
    private int listing;
    private boolean listingFailed;
    private final List<DecideOp> deciding = new ArrayList<>();
    private final List<Lister> listers = new ArrayList<>();

    TakeOver(VolumeOwner owner) {
        this.owner = owner;
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
        if (state == State.ATTACHING && owner.allInSyncAttached() && owner.allTrusted()) {
            beginListing();
        }
        if (state == State.LISTING && listing == 0) {
            if (listingFailed) {
                state = State.ATTACHING;
            } else {
                beginDeciding();
            }
        }
        if (state == State.DECIDING) {
            decideMore();
            if (undecided.isEmpty() && failed.isEmpty() && deciding.isEmpty()) {
                state = State.DONE;
            }
        }
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        for (Lister lister : List.copyOf(listers)) {
            lister.onLinksChanged();
        }
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
        listingFailed = false;
        candidates.clear();
        owner.inheritWatermarks();
        long watermark = owner.inheritedWatermark();
        for (StoreLink link : owner.links()) {
            if (link.isReadable()) {
                listing++;
                Lister lister = new Lister(link, watermark);
                listers.add(lister);
                lister.next(DeviceAddress.of(owner.vuid(), 0));
            }
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
            owner.range(op, undecided.remove(), 1);
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

    /** Pages through one store's versions above the watermark. */
    private final class Lister implements FragmentRequest.Completion {
        private final StoreLink link;
        private final FragmentRequest request = new FragmentRequest();

        Lister(StoreLink link, long above) {
            this.link = link;
            request.op = FragmentOp.LIST;
            request.fragmentBytes = owner.layout().fragmentBytes();
            request.version = above;
            request.buffer = owner.newListBuffer();
            request.bufferBytes = (int) request.buffer.byteSize();
            request.completion = this;
        }

        void next(long from) {
            if (!link.isAttached()) {
                fail();
                return;
            }
            request.address = from;
            link.submit(request);
        }

        @Override
        public void complete(FragmentRequest completed, IoStatus status, long result) {
            link.answered(completed, status);
            if (!listers.contains(this)) {
                return; // nobody waits for it any more
            }
            if (status != IoStatus.OK || result == FragmentFormat.LIST_MORE) {
                fail();
                return;
            }
            long entries = result & ~FragmentFormat.LIST_MORE;
            long last = 0;
            for (int i = 0; i < entries; i++) {
                last =
                        FragmentFormat.listAddress(
                                request.buffer, (long) i * FragmentFormat.LIST_ENTRY_BYTES);
                candidates.add(owner.layout().blockOf(last));
            }
            if ((result & FragmentFormat.LIST_MORE) != 0) {
                next(last + owner.layout().fragmentBytes() / StripeLayout.SECTOR_BYTES);
            } else {
                ended();
            }
        }

        private void fail() {
            listingFailed = true;
            ended();
        }

        private void ended() {
            listers.remove(this);
            listing--;
        }

        void onLinksChanged() {
            if (!link.isReadable()) {
                fail();
            }
        }
    }
}
