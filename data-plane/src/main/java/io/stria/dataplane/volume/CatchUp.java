package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings one slot that is behind back in sync (design rule 9). From its attach on it gets every new
 * write. What the in-sync stores, or itself, hold above the watermark with which it came back is
 * compared with the truth and replaced, page by page, under the blocks' locks: older and newer
 * fragments alike, absence included. Then "in sync" is proposed.
 */
final class CatchUp implements SyncOp.Listener, ListSweep.Listener {
    private static final int SYNCS_AT_A_TIME = 4;

    private final VolumeOwner owner;
    private final StoreLink link;
    private final TreeSet<Long> window = new TreeSet<>();
    private final ArrayDeque<SyncOp> idleOps = new ArrayDeque<>();
    private final int[] slots;
    private @Nullable ListSweep sweep;
    private boolean listed;
    private int syncing;
    private boolean failed;
    private boolean proposed;
    private long blocksSynced;

    CatchUp(VolumeOwner owner, StoreLink link) {
        this.owner = owner;
        this.link = link;
        this.slots = new int[owner.layout().fragments()];
        link.syncing = true;
        // Writes in flight had left this slot out; from now on they owe it their fragments.
        owner.linksChanged();
    }

    StoreLink link() {
        return link;
    }

    long blocksSynced() {
        return blocksSynced;
    }

    boolean isProposed() {
        return proposed;
    }

    /** Everything of this attempt has ended, and it did not succeed. */
    boolean isAborted() {
        return failed && !isListing() && syncing == 0;
    }

    private boolean isListing() {
        return sweep != null && sweep.isListing();
    }

    void advance() {
        if (!link.isAttached() || !link.syncing) {
            failed = true;
        }
        if (failed || proposed || isListing()) {
            return;
        }
        if (link.compared) {
            proposeWhenKept();
            return;
        }
        if (!listed) {
            beginWindow();
            return;
        }
        while (syncing < SYNCS_AT_A_TIME && !window.isEmpty() && !failed) {
            syncNext();
        }
        if (window.isEmpty() && syncing == 0 && !failed) {
            listed = false;
            if (sweep != null && sweep.isComplete()) {
                link.compared = true;
            }
        }
    }

    /**
     * Until writes that dropped older versions on the slot have ended, it could not vote for what
     * was there before them.
     */
    private void proposeWhenKept() {
        if (link.dropping == 0) {
            proposed = true;
            link.proposedInSync();
        }
    }

    private void beginWindow() {
        if (!owner.allTrusted()) {
            return;
        }
        ListSweep begun = sweep;
        if (begun == null) {
            begun = new ListSweep(owner, this);
            for (StoreLink source : owner.links()) {
                if (source == link) {
                    begun.add(source, source.completeUpTo());
                } else if (source.isReadable()) {
                    begun.add(source, link.attachedWatermark);
                }
            }
            sweep = begun;
        }
        listed = true;
        begun.next();
    }

    @Override
    public void onListed() {
        java.util.Objects.requireNonNull(sweep)
                .forEach((source, block, version, flags) -> window.add(block));
    }

    @Override
    public void onListFailed() {
        failed = true;
    }

    private void syncNext() {
        long first = window.pollFirst();
        int count = 1;
        int max = owner.pieceBlocks(first, StripeOp.BLOCKS_MAX);
        while (count < max && window.remove(first + count)) {
            count++;
        }
        owner.locate(first, slots);
        for (int chunk = 0; chunk < slots.length; chunk++) {
            if (slots[chunk] == link.slot) {
                SyncOp op = idleOps.poll();
                if (op == null) {
                    op = new SyncOp(owner);
                }
                syncing++;
                owner.range(op, first, count);
                op.sync(chunk, this);
            }
        }
    }

    @Override
    public void onSynced(SyncOp op, IoStatus status) {
        syncing--;
        idleOps.add(op);
        switch (status) {
            case OK -> blocksSynced += op.blocks;
            case UNAVAILABLE -> {
                for (int i = 0; i < op.blocks; i++) {
                    window.add(op.firstBlock + i);
                }
                failed = true;
                owner.retryLater();
            }
            default -> failed = true;
        }
    }
}
