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
 * Brings one slot that is behind back in sync (design rule 9). From its attach on it gets every new
 * write. What the in-sync stores, or itself, hold above the watermark with which it came back is
 * compared with the truth and replaced, page by page, under the blocks' locks: older and newer
 * fragments alike, absence included. Then "in sync" is proposed.
 */
final class CatchUp implements SyncOp.Listener {
    private static final int SYNCS_AT_A_TIME = 4;

    private final VolumeOwner owner;
    private final StoreLink link;
    private final List<Lister> listers = new ArrayList<>();
    private final TreeSet<Long> window = new TreeSet<>();
    private final ArrayDeque<SyncOp> idleOps = new ArrayDeque<>();
    private final int[] slots;
    private long windowStart;
    private boolean listed;
    private int listing;
    private int syncing;
    private boolean failed;
    private boolean proposed;
    private long blocksSynced;

    CatchUp(VolumeOwner owner, StoreLink link) {
        this.owner = owner;
        this.link = link;
        this.slots = new int[owner.layout().fragments()];
        this.windowStart = DeviceAddress.of(owner.vuid(), 0);
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
        return failed && listing == 0 && syncing == 0;
    }

    void advance() {
        if (!link.isAttached() || !link.syncing) {
            failed = true;
        }
        if (failed || proposed || listing > 0) {
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
            if (windowStart == Long.MAX_VALUE) {
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
        if (!owner.allInSyncAttached()) {
            return;
        }
        listed = true;
        listers.clear();
        for (StoreLink source : owner.links()) {
            if (source.isReadable() || source == link) {
                listing++;
                listers.add(new Lister(source));
            }
        }
        for (Lister lister : listers) {
            lister.begin();
        }
    }

    /** Keeps the pages that every store has listed to their end. */
    private void closeWindow() {
        long endPage = Long.MAX_VALUE;
        for (Lister lister : listers) {
            endPage = Math.min(endPage, lister.completePages());
        }
        long firstPage = owner.layout().pageOf(windowStart);
        if (endPage <= firstPage) {
            owner.enlargeListBuffers();
            listed = false;
            window.clear();
            return;
        }
        for (Lister lister : listers) {
            lister.collect(endPage);
        }
        windowStart =
                endPage == Long.MAX_VALUE ? Long.MAX_VALUE : owner.layout().address(endPage, 0, 0);
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

    /** One store's answer for the present window. */
    private final class Lister implements FragmentRequest.Completion {
        private final StoreLink source;
        private final FragmentRequest request = new FragmentRequest();
        private long entries;
        private boolean full;

        Lister(StoreLink source) {
            this.source = source;
        }

        void begin() {
            if (!source.isAttached()) {
                listing--;
                failed = true;
                return;
            }
            request.op = FragmentOp.LIST;
            request.address = windowStart;
            request.fragmentBytes = owner.layout().fragmentBytes();
            request.version = link.attachedWatermark;
            request.buffer = owner.newListBuffer();
            request.bufferBytes = (int) request.buffer.byteSize();
            request.completion = this;
            source.submit(request);
        }

        @Override
        public void complete(FragmentRequest completed, IoStatus status, long result) {
            source.answered(status);
            listing--;
            entries = result & ~FragmentFormat.LIST_MORE;
            full = (result & FragmentFormat.LIST_MORE) != 0;
            if (status != IoStatus.OK || (full && entries == 0)) {
                failed = true;
                return;
            }
            if (listing == 0 && !failed) {
                closeWindow();
            }
        }

        /** The first page that may be listed in part only; all before it are complete. */
        long completePages() {
            return full ? owner.layout().pageOf(address(entries - 1)) : Long.MAX_VALUE;
        }

        void collect(long endPage) {
            for (long i = 0; i < entries; i++) {
                long address = address(i);
                if (owner.layout().pageOf(address) < endPage) {
                    window.add(owner.layout().blockOf(address));
                }
            }
        }

        private long address(long entry) {
            return FragmentFormat.listAddress(
                    request.buffer, entry * FragmentFormat.LIST_ENTRY_BYTES);
        }
    }
}
