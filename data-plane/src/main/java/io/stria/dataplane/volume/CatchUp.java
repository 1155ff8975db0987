package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Brings one slot that is behind back in sync (rule 9 of docs/correctness.md). From its attach on
 * it gets every new write. What the in-sync stores, or itself, hold above the watermark with which
 * it came back is compared with the truth and replaced, page by page, under the blocks' locks:
 * older and newer fragments alike, absence included. Then "in sync" is proposed.
 *
 * <p>A block that nobody can read holds nothing back: it is left out, tried again when all others
 * are done, and in the end the slot is told that it is bad there, as it is everywhere. In sync it
 * is then all the same: it never gives an older version for the newest.
 */
final class CatchUp implements SyncOp.Listener, Listing.Listener {
    private static final int SYNCS_AT_A_TIME = 4;
    private static final long PAUSE_MIN_NS = 50_000_000L;
    private static final long PAUSE_MAX_NS = 2_000_000_000L;
    private static final long SECOND_TRY_NS = 1_000_000_000L;

    private static final System.Logger LOG = System.getLogger(CatchUp.class.getName());

    private final VolumeOwner owner;
    private final StoreLink link;
    private final Listing listing;
    private final TreeSet<Long> window = new TreeSet<>();

    /** Blocks of which some neighbour could not be read. */
    private final TreeSet<Long> alone = new TreeSet<>();

    /** Blocks that could not be read from anybody. */
    private final TreeSet<Long> unreadable = new TreeSet<>();

    private final ArrayDeque<SyncOp> idleOps = new ArrayDeque<>();
    private final int[] slots;
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

    /** Everything of this attempt has ended, and it did not succeed. */
    boolean isAborted() {
        return failed && !listing.isRunning() && syncing == 0;
    }

    void advance() {
        if (!link.isAttached() || !link.syncing) {
            failed = true;
        }
        if (failed || proposed || listing.isRunning()) {
            return;
        }
        if (link.compared) {
            proposeWhenKept();
            return;
        }
        if (owner.nowNs() - pausedUntilNs < 0 || !owner.allTrusted()) {
            return; // without all that are in sync, a block could seem lost that is not
        }
        if (!listed) {
            beginWindow();
            return;
        }
        while (syncing < SYNCS_AT_A_TIME && !(window.isEmpty() && alone.isEmpty()) && !failed) {
            syncNext();
        }
        if (window.isEmpty() && alone.isEmpty() && syncing == 0 && !failed) {
            endOfWindow();
        }
    }

    private void endOfWindow() {
        if (windowPage != Long.MAX_VALUE) {
            listed = false;
        } else if (unreadable.isEmpty()) {
            link.compared = true;
        } else if (!secondTry) {
            secondTry = true;
            pausedUntilNs = owner.nowNs() + SECOND_TRY_NS;
        } else {
            alone.addAll(unreadable);
            unreadable.clear();
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
        listed = true;
        List<StoreLink> sources = new ArrayList<>();
        for (StoreLink source : owner.links()) {
            if (source.isReadable() || source == link) {
                sources.add(source);
            }
        }
        listing.begin(windowPage, owner.comparedFrom(link), sources);
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
        ended.collect(windowPage, window);
    }

    private void syncNext() {
        boolean single = window.isEmpty();
        long first = single ? alone.pollFirst() : window.pollFirst();
        int count = 1;
        int max = single ? 1 : owner.pieceBlocks(first, StripeOp.BLOCKS_MAX);
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
                if (single && secondTry) {
                    op.syncOrGiveUp(chunk, this);
                } else {
                    op.sync(chunk, this);
                }
            }
        }
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        listing.onLinksChanged();
    }

    @Override
    public void onSynced(SyncOp op, IoStatus status) {
        syncing--;
        if (op.isIdle()) {
            idleOps.add(op);
        }
        if (status == IoStatus.OK) {
            blocksSynced += op.blocks;
            pauseNs = PAUSE_MIN_NS;
            if (op.isLost()) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "block {0} of volume {1} is lost: nobody can read it",
                        op.firstBlock,
                        owner.vuid());
            }
        } else if (status != IoStatus.UNAVAILABLE) {
            failed = true;
            if (status == IoStatus.NO_SPACE) {
                link.restFull();
            }
        } else if (!op.isLost()) {
            keep(op, window);
            pause();
        } else {
            keep(op, op.blocks > 1 ? alone : unreadable);
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
