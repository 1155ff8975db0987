package io.stria.dataplane.volume;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.util.ArrayDeque;
import java.util.TreeSet;

/**
 * How a new owner begins (design rules 7 and 8). Every store that is in sync attaches, which fences
 * its predecessor, and lists what it holds above the highest committed watermark W that any of them
 * reported. Each such block is decided and written again under the new epoch; only then does the
 * owner serve.
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
    private int deciding;
    private int opsMade;

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
                        ? " (" + (undecided.size() + failed.size() + deciding) + " blocks left)"
                        : "");
    }

    /** Goes on as far as it can; called from the owner's poll. */
    void advance() {
        if (state == State.ATTACHING && owner.allInSyncAttached()) {
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

    private void beginListing() {
        state = State.LISTING;
        listingFailed = false;
        candidates.clear();
        long watermark = Version.NONE;
        for (StoreLink link : owner.links()) {
            if (link.isReadable() && Version.isNewer(link.attachedWatermark, watermark)) {
                watermark = link.attachedWatermark;
            }
        }
        owner.inheritWatermark(watermark);
        for (StoreLink link : owner.links()) {
            if (link.isReadable()) {
                listing++;
                new Lister(link, watermark).next(DeviceAddress.of(owner.vuid(), 0));
            }
        }
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
            link.answered(status);
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
                listing--;
            }
        }

        private void fail() {
            listingFailed = true;
            listing--;
        }
    }
}
