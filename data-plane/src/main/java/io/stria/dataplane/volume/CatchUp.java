package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings one slot that is behind back in sync (rule 9 of docs/correctness.md). From its attach on
 * it gets every new write. What the in-sync stores, or itself, hold above the watermark with which
 * it came back is compared with the truth and replaced, page by page, under the blocks' locks:
 * older and newer fragments alike, absence included. Then "in sync" is proposed.
 *
 * <p>A block that nobody can read holds nothing back: it is left out, tried again when all others
 * are done, and in the end the slot is told that it is bad there, as it is everywhere. In sync it
 * is then all the same: it never gives an older version for the newest.
 *
 * <p>A store that counts as in sync and has been gone for long is not waited for, as long as each
 * page has a location left that is in sync and there. Writes that wait for such a store keep their
 * locks: of these blocks the slot gets what it has to hold below the write, and then the write.
 * What cannot be read without that store is waited for: in sync, the slot would let that store be
 * marked, and given up for good, though it may be the only one that has it.
 */
final class CatchUp implements SyncOp.Listener, Listing.Listener {
    private static final int SYNCS_AT_A_TIME = 4;
    private static final long PAUSE_MIN_NS = 50_000_000L;
    private static final long PAUSE_MAX_NS = 2_000_000_000L;
    private static final long SECOND_TRY_NS = 1_000_000_000L;

    private final VolumeOwner owner;
    private final StoreLink link;
    private final Listing listing;
    private final TreeSet<Long> window = new TreeSet<>();

    /** Blocks of which some neighbour could not be read. */
    private final TreeSet<Long> alone = new TreeSet<>();

    /** Blocks that could not be read from anybody. */
    private final TreeSet<Long> unreadable = new TreeSet<>();

    /** Blocks of writes that keep their locks while some store is gone. */
    private final TreeSet<Long> locked = new TreeSet<>();

    /** Versions of writes below which the slot holds what it has to. */
    private final Set<Long> filled = new HashSet<>();

    private final List<SyncOp> running = new ArrayList<>();
    private final ArrayDeque<SyncOp> idleOps = new ArrayDeque<>();
    private final int[] slots;

    /** Pages that are compared from their first version on, before all others; null: none. */
    private @Nullable PageRange moved;

    private long windowPage;
    private boolean listed;
    private int syncing;
    private boolean secondTry;
    private boolean failed;
    private boolean proposed;
    private long pausedUntilNs;
    private long pauseNs = PAUSE_MIN_NS;
    private long blocksSynced;

    CatchUp(VolumeOwner owner, StoreLink link) {
        this.owner = owner;
        this.link = link;
        this.listing = new Listing(owner, this);
        this.slots = new int[owner.layout().fragments()];
        this.pausedUntilNs = owner.nowNs();
        this.moved = comparedFrom() == Version.NONE ? null : link.owedPages(); // not twice
        this.windowPage = moved == null ? 0 : moved.first();
        link.syncing = true;
        // Writes in flight had left this slot out; from now on they owe it their fragments.
        owner.links().changed();
    }

    StoreLink link() {
        return link;
    }

    long blocksSynced() {
        return blocksSynced;
    }

    /** Everything of this attempt has ended, and it did not succeed. */
    boolean isAborted() {
        return failed && !listing.isRunning() && syncing == 0;
    }

    void advance() {
        if (!link.isAttached() || !link.syncing) {
            failed = true;
        }
        boolean someAreGone = !owner.links().allSound();
        if (someAreGone) {
            withdrawStuck();
        }
        if (failed || proposed || listing.isRunning()) {
            return;
        }
        // Without all that are in sync, a block could seem lost that is not.
        boolean mayRead = owner.links().allTrusted() || owner.links().enoughAreSound();
        if (owner.nowNs() - pausedUntilNs < 0 || !(mayRead || link.compared)) {
            return;
        }
        if (link.compared) {
            if (someAreGone && mayRead) {
                fillBelowDropping();
            }
            proposeWhenKept();
        } else if (!listed) {
            beginWindow();
        } else {
            if (someAreGone || !locked.isEmpty()) {
                passLocked();
            }
            while (syncing < SYNCS_AT_A_TIME && !(window.isEmpty() && alone.isEmpty()) && !failed) {
                syncNext(someAreGone);
            }
            if (window.isEmpty()
                    && alone.isEmpty()
                    && locked.isEmpty()
                    && syncing == 0
                    && !failed) {
                endOfWindow();
            }
        }
    }

    /** Those that wait for a write which may never end are taken up again when it has. */
    private void withdrawStuck() {
        for (SyncOp op : List.copyOf(running)) {
            if ((failed || isLocked(op)) && owner.locks().withdraw(op)) {
                running.remove(op);
                idleOps.add(op);
                syncing--;
                keep(op, op.blocks > 1 ? window : alone);
            }
        }
    }

    private boolean isLocked(SyncOp op) {
        for (int i = 0; i < op.blocks; i++) {
            if (owner.locks().writeOn(op.firstBlock + i) != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Writes that wait for a store that is gone keep their blocks locked. What the slot has to hold
     * of these is what it holds below the write, which it gets again afterwards.
     */
    private void passLocked() {
        for (TreeSet<Long> blocks : List.of(window, alone)) {
            blocks.removeIf(block -> owner.locks().writeOn(block) != null && locked.add(block));
        }
        for (long block : List.copyOf(locked)) {
            WriteOp write = owner.locks().writeOn(block);
            if (write == null) {
                locked.remove(block);
                alone.add(block);
            } else if (filled.contains(write.version())) {
                locked.remove(block);
            } else if (syncing < SYNCS_AT_A_TIME) {
                fillBelow(write);
            }
        }
    }

    private void fillBelowDropping() {
        List<StripeOp> held = new ArrayList<>();
        owner.locks().copyHeld(held);
        for (StripeOp op : held) {
            if (op instanceof WriteOp write && syncing < SYNCS_AT_A_TIME) {
                int chunk = write.chunkOn(link.slot);
                if (chunk >= 0 && write.dropsOn(chunk)) {
                    fillBelow(write);
                }
            }
        }
    }

    private void fillBelow(WriteOp write) {
        int chunk = write.chunkOn(link.slot);
        if (chunk < 0) {
            filled.add(write.version()); // the page has nothing on the slot
        } else if (write.beginFilling(chunk)) {
            new Filling(write, chunk).begin();
        }
    }

    /**
     * Sets what the slot has to hold below a write that has the lock. Blocks that nobody can read
     * are tried again, and never given up here: when no store is gone the write ends by itself.
     */
    private final class Filling implements SyncOp.Listener {
        private final WriteOp write;
        private final long version;
        private final int chunk;
        private int next;

        Filling(WriteOp write, int chunk) {
            this.write = write;
            this.version = write.version();
            this.chunk = chunk;
        }

        void begin() {
            SyncOp op = idleOp();
            int count = Math.min(write.blocks - next, StripeOp.BLOCKS_MAX);
            owner.pages().range(op, write.firstBlock + next, count);
            next += count;
            running.add(op);
            syncing++;
            op.syncBelow(chunk, version, this);
        }

        @Override
        public void onSynced(SyncOp op, IoStatus status) {
            ended(op);
            if (status == IoStatus.OK) {
                synced(op);
                if (next < write.blocks) {
                    begin();
                    return;
                }
                filled.add(version);
            } else if (status != IoStatus.UNAVAILABLE) {
                linkFailed(status);
            } else {
                pause();
            }
            write.filled(chunk, version, status == IoStatus.OK);
        }
    }

    private void endOfWindow() {
        if (moved != null && windowPage >= moved.end()) {
            moved = null;
            windowPage = 0;
            listed = false;
        } else if (windowPage != Long.MAX_VALUE) {
            listed = false;
        } else if (unreadable.isEmpty()) {
            link.compared = true;
        } else {
            secondTry = true;
            pausedUntilNs = owner.nowNs() + SECOND_TRY_NS;
            alone.addAll(unreadable);
            unreadable.clear();
        }
    }

    /**
     * Until writes that dropped older versions on the slot have ended, it could not vote for what
     * was there before them.
     */
    private void proposeWhenKept() {
        if (link.dropping == 0 && syncing == 0) {
            proposed = true;
            link.proposedInSync(comparedFrom() == Version.NONE);
        }
    }

    /** The version above which the slot may lack something. */
    private long comparedFrom() {
        return moved != null
                        || owner.pages().placing().missed().contains(link.slot)
                        || link.isConvicted()
                        || PageRange.ALL.equals(link.owedPages())
                ? Version.NONE
                : link.attachedWatermark;
    }

    private void beginWindow() {
        listed = true;
        List<StoreLink> sources = new ArrayList<>();
        boolean enough = owner.links().enoughAreSound();
        for (StoreLink source : owner.links()) {
            if (source == link || (enough ? source.isSound() : source.isReadable())) {
                sources.add(source);
            }
        }
        listing.begin(windowPage, comparedFrom(), sources);
    }

    /** Keeps the pages that every store has listed to their end. */
    @Override
    public void onListed(Listing ended) {
        failed |= ended.failedOn(link);
        if (failed) {
            return;
        }
        if (!ended.isComplete()) {
            listed = false;
            pause();
            return;
        }
        windowPage = ended.endPage();
        ended.collect(moved == null ? windowPage : Math.min(windowPage, moved.end()), window);
    }

    private void syncNext(boolean someAreGone) {
        boolean single = window.isEmpty();
        long first = single ? alone.pollFirst() : window.pollFirst();
        int count = 1;
        int max = single ? 1 : owner.pages().pieceBlocks(first, StripeOp.BLOCKS_MAX);
        while (count < max && window.remove(first + count)) {
            count++;
        }
        owner.pages().locateBlock(first, slots);
        for (int chunk = 0; chunk < slots.length; chunk++) {
            if (slots[chunk] == link.slot) {
                SyncOp op = idleOp();
                running.add(op);
                syncing++;
                owner.pages().range(op, first, count);
                if (someAreGone) {
                    op.syncFirst(chunk, this);
                } else if (single && secondTry) {
                    op.syncOrGiveUp(chunk, this);
                } else {
                    op.sync(chunk, this);
                }
            }
        }
    }

    private SyncOp idleOp() {
        SyncOp op = idleOps.poll();
        return op == null ? new SyncOp(owner) : op;
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        listing.onLinksChanged();
        for (SyncOp op : List.copyOf(running)) {
            if (op.isBelow()) {
                op.onLinksChanged(); // it holds no lock of its own through which it would be told
            }
        }
    }

    private void ended(SyncOp op) {
        running.remove(op);
        syncing--;
        if (op.isIdle()) {
            idleOps.add(op);
        }
    }

    private void linkFailed(IoStatus status) {
        failed = true;
        if (status == IoStatus.NO_SPACE) {
            link.restFull();
        }
    }

    @Override
    public void onSynced(SyncOp op, IoStatus status) {
        ended(op);
        if (status == IoStatus.OK) {
            synced(op);
        } else if (status != IoStatus.UNAVAILABLE) {
            linkFailed(status);
        } else if (!op.isLost()) {
            keep(op, window);
            pause();
        } else {
            keep(op, op.blocks > 1 ? alone : unreadable);
        }
    }

    private void synced(SyncOp op) {
        blocksSynced += op.blocks;
        pauseNs = PAUSE_MIN_NS;
        if (op.isLost()) {
            owner.tellLost(op.firstBlock);
        }
    }

    private static void keep(SyncOp op, TreeSet<Long> in) {
        for (int i = 0; i < op.blocks; i++) {
            in.add(op.firstBlock + i);
        }
    }

    /** Not all have answered: it goes on when they may. */
    private void pause() {
        pausedUntilNs = owner.nowNs() + pauseNs;
        pauseNs = Math.min(2 * pauseNs, PAUSE_MAX_NS);
        owner.retryLater();
    }
}
