package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Moves the chunks of a volume from where one list of slots has them to where the next one has
 * them, page after page, between the volume's own IO: what rebuilds after a failed device, fills an
 * added one and empties one that leaves.
 *
 * <p>One window of pages at a time. What any store holds of it is copied, block by block, under the
 * blocks' locks; hosts write to the old places meanwhile, and what they write is copied again. Then
 * the whole window is locked, the last of it is copied, and the step of the cursor is proposed. It
 * stays locked until the map shows the step: nobody can know earlier whether it was decided. From
 * then on the pages are at their new places, and the old ones are freed.
 *
 * <p>So an acknowledged write is at the place where the map says, whatever ends when: before the
 * step at the old place, where it went; after it at the new place, where it is durable before the
 * step is proposed. What lies at new places without a step is overwritten by the next attempt,
 * absence included.
 *
 * <p>Chunks of a device that is lost are not kept waiting by others that are away: a chunk for a
 * slot that is behind and away for long is left out then, and the step says so; the slot is
 * compared from the beginning when it comes back. What only changes places still has its full
 * redundancy, and waits.
 */
final class Movement implements SyncOp.Listener, Listing.Listener {
    private enum State {
        IDLE,
        LISTING,
        COPYING,
        LOCKING,
        COPYING_LAST,
        PROPOSED,
        FREEING,
        ENDED
    }

    private static final System.Logger LOG = System.getLogger(Movement.class.getName());

    /** Keeps the lock short that all hosts may wait for, and the step small that may be lost. */
    private static final int WINDOW_PAGES_MAX = 4096;

    private static final int COPIES_MAX = 8;

    /** So few blocks are copied while hosts wait for the window. */
    private static final int LAST_BLOCKS_MAX = 16;

    /**
     * After so many rounds the window is made smaller: hosts write to it faster than it is copied.
     */
    private static final int ROUNDS_MAX = 2;

    private static final int WINDOW_PAGES_FIRST = 16;

    /**
     * A slot that the map no longer uses is never marked behind: it is for the movement to do
     * without it, after so many times as long as a store may be silent.
     */
    private static final int FREE_PATIENCE = 4;

    /** Blocks between two runs that are copied once more, which is cheaper than two runs. */
    private static final int GAP_MAX = 3;

    private static final long PAUSE_MIN_NS = 50_000_000L;
    private static final long PAUSE_MAX_NS = 2_000_000_000L;

    /**
     * Whoever is away for longer while a lost device is rebuilt will be compared from the beginning
     * when it comes back.
     */
    static final long SKIP_AFTER_NS = 60_000_000_000L;

    /** While hosts wait for answers, so few copies are under way, */
    private static final int COPIES_BESIDE_HOSTS = 2;

    /** and each is followed by a rest as long as it took, at most this long. */
    private static final long REST_MAX_NS = 2_000_000L;

    private final VolumeOwner owner;
    private final PageLocations from;
    private final PageLocations to;
    private final Placing placing;
    private final Listing listing;
    private final WindowLock lock;

    /** Blocks of the window that are to be copied. */
    private final TreeSet<Long> blocks = new TreeSet<>();

    /** Everything that there is in the window, copied or not. */
    private final TreeSet<Long> all = new TreeSet<>();

    /** Those to be copied of which some neighbour could not be read. */
    private final TreeSet<Long> alone = new TreeSet<>();

    /** What hosts have written since it was copied. */
    private final TreeSet<Long> written = new TreeSet<>();

    private final List<SyncOp> copying = new ArrayList<>();
    private final ArrayDeque<SyncOp> idleOps = new ArrayDeque<>();
    private final ArrayDeque<FreeOp> toFree = new ArrayDeque<>();
    private final SortedSet<Integer> without = new TreeSet<>();
    private final int[] fromSlots;
    private final int[] toSlots;
    private @Nullable FreeOp freeing;
    private long freeingSinceNs;
    private State state = State.IDLE;
    private String waitsFor = "";
    private boolean failed;

    /** A step was proposed, and may be decided at any time: the lock stays. */
    private boolean proposed;

    /** The step has been decided, while something was being copied once more. */
    private boolean decided;

    private int rounds;
    private long cursor;
    private long endPage;
    private int windowPages = WINDOW_PAGES_FIRST;
    private long runFirst;
    private int runCount;
    private int runChunks;
    private boolean runAlone;
    private long pausedUntilNs;
    private long pauseNs = PAUSE_MIN_NS;
    private long copyBeganNs;
    private long lastProposalNs;

    Movement(VolumeOwner owner, PageLocations from, PageLocations to) {
        this.owner = owner;
        this.from = from;
        this.to = to;
        this.placing = owner.placing();
        this.cursor = placing.cursor();
        this.listing = new Listing(owner, this);
        this.lock = new WindowLock(owner.layout());
        this.fromSlots = new int[owner.layout().fragments()];
        this.toSlots = new int[owner.layout().fragments()];
        this.pausedUntilNs = owner.nowNs();
    }

    @Override
    public String toString() {
        return "moves page %d of %d%s"
                .formatted(
                        cursor, owner.pages(), waitsFor.isEmpty() ? "" : ", waits for " + waitsFor);
    }

    /** When {@link #advance} has something to do next, unless something arrives earlier. */
    long nextDeadlineNs() {
        return state == State.COPYING && copying.isEmpty() ? pausedUntilNs : Long.MAX_VALUE;
    }

    boolean uses(int slot) {
        return placing.uses(slot);
    }

    /** All pages are where they should be, and nothing of this is in flight. */
    boolean hasEnded() {
        return state == State.ENDED;
    }

    void advance() {
        switch (state) {
            case IDLE -> {
                if (owner.nowNs() - pausedUntilNs >= 0 && mayGoOn()) {
                    beginListing();
                }
            }
            case COPYING, COPYING_LAST -> copyMore();
            case PROPOSED -> {
                if (!without.equals(behind())) {
                    // Refused from now on, or not enough: the rest is copied under the same lock.
                    state = State.COPYING_LAST;
                    beginAgainLocked();
                } else if (owner.nowNs() - lastProposalNs >= owner.proposalRepeatNs()) {
                    propose();
                }
            }
            case FREEING -> freeMore();
            case LISTING, LOCKING, ENDED -> {}
        }
    }

    /** Without all that are in sync, a block could seem lost that is not. */
    private boolean mayGoOn() {
        waitsFor = "";
        if (!owner.allTrusted()) {
            waitsFor = "stores to attach";
        }
        boolean rebuilds = isAnyLost();
        for (int slot : behind()) {
            StoreLink link = owner.link(slot);
            if (link.isUsed() && (!rebuilds || link.awayNs(owner.nowNs()) < SKIP_AFTER_NS)) {
                waitsFor = "slot " + link.slot + " to be in sync";
            }
        }
        return waitsFor.isEmpty();
    }

    /** What was lost is rebuilt by this movement, or by the next one, which waits for this one. */
    private boolean isAnyLost() {
        return owner.links().stream()
                .anyMatch(link -> placing.uses(link.slot) && owner.isLost(link.slot));
    }

    /** Slots that chunks move to, and do not get them. */
    private SortedSet<Integer> behind() {
        SortedSet<Integer> behind = new TreeSet<>();
        for (StoreLink link : owner.links()) {
            if (link.isBehind() && placing.to().contains(link.slot)) {
                behind.add(link.slot);
            }
        }
        return behind;
    }

    private void beginListing() {
        state = State.LISTING;
        failed = false;
        proposed = false;
        rounds = 0;
        blocks.clear();
        alone.clear();
        all.clear();
        written.clear();
        without.clear();
        without.addAll(behind());
        List<StoreLink> sources = owner.links().stream().filter(StoreLink::isReadable).toList();
        endPage = cursor;
        listing.begin(cursor, Version.NONE, sources);
    }

    @Override
    public void onListed(Listing ended) {
        if (!ended.isComplete()) {
            backOff();
            return;
        }
        endPage = Math.min(ended.endPage(), Math.min(cursor + windowPages, owner.pages()));
        ended.collect(endPage, all);
        written.tailSet(firstBlock(endPage)).clear();
        all.addAll(written);
        written.clear();
        blocks.addAll(all);
        state = State.COPYING;
    }

    private long firstBlock(long page) {
        return page * owner.layout().blocksPerPage();
    }

    private void copyMore() {
        boolean last = state == State.COPYING_LAST;
        while (!failed
                && !decided
                && copying.size() < (last || !owner.isBusy() ? COPIES_MAX : COPIES_BESIDE_HOSTS)
                && owner.nowNs() - pausedUntilNs >= 0
                && nextRun()) {
            int chunk = Integer.numberOfTrailingZeros(runChunks);
            runChunks &= ~(1 << chunk);
            copy(chunk, last);
        }
        if (!copying.isEmpty()) {
            return;
        }
        if (decided) {
            takeStep();
        } else if (failed) {
            giveUpWindow();
        } else if (blocks.isEmpty() && alone.isEmpty() && runChunks == 0) {
            roundEnded(last);
        }
    }

    private void roundEnded(boolean last) {
        if (!without.equals(behind())) {
            giveUpWindow(); // what takes chunks now was not listed, or will be waited for
        } else if (last) {
            propose();
        } else if (written.size() <= LAST_BLOCKS_MAX) {
            windowPages = Math.min(2 * windowPages, WINDOW_PAGES_MAX);
            acquireLock();
        } else if (++rounds < ROUNDS_MAX) {
            takeWritten();
        } else if (endPage - cursor > 1) {
            windowPages = (int) ((endPage - cursor) / 2);
            endPage = cursor + windowPages;
            written.tailSet(firstBlock(endPage)).clear();
            all.tailSet(firstBlock(endPage)).clear();
            rounds = 0;
            takeWritten();
        } else {
            acquireLock(); // hosts wait until one page has been copied
        }
    }

    private void acquireLock() {
        state = State.LOCKING;
        long first = firstBlock(cursor);
        lock.cover(first, Math.toIntExact(firstBlock(endPage) - first));
        owner.locks().acquire(lock);
    }

    private void onLocked() {
        state = State.COPYING_LAST;
        pausedUntilNs = owner.nowNs();
        takeWritten();
    }

    private void takeWritten() {
        blocks.addAll(written);
        all.addAll(written);
        written.clear();
    }

    private void beginAgainLocked() {
        failed = false;
        SortedSet<Integer> unlisted = new TreeSet<>(without);
        without.clear();
        without.addAll(behind());
        unlisted.removeAll(without);
        if (!unlisted.isEmpty()) {
            addPagesOf(unlisted);
        }
        blocks.addAll(all);
    }

    /**
     * Slots that were left out are in sync now. What they hold of the window from earlier was not
     * listed with the rest: whole chunks are set there, absence included.
     */
    private void addPagesOf(SortedSet<Integer> unlisted) {
        for (long page = cursor; page < endPage; page++) {
            from.locate(page, fromSlots);
            to.locate(page, toSlots);
            for (int chunk = 0; chunk < toSlots.length; chunk++) {
                if (fromSlots[chunk] != toSlots[chunk] && unlisted.contains(toSlots[chunk])) {
                    for (long block = firstBlock(page); block < firstBlock(page + 1); block++) {
                        all.add(block);
                    }
                }
            }
        }
    }

    /** Sets the next blocks, and the chunks of them that move; false when there are none. */
    private boolean nextRun() {
        while (runChunks == 0) {
            boolean single = blocks.isEmpty();
            Long first = single ? alone.pollFirst() : blocks.pollFirst();
            if (first == null) {
                return false;
            }
            runFirst = first;
            runCount = 1;
            long end = runFirst + (single ? 1 : owner.pieceBlocks(runFirst, StripeOp.BLOCKS_MAX));
            Long next = blocks.ceiling(runFirst);
            while (next != null && next < end && next - (runFirst + runCount) <= GAP_MAX) {
                runCount = (int) (next - runFirst) + 1;
                blocks.remove(next);
                next = blocks.ceiling(next);
            }
            runAlone = single;
            runChunks = moving(owner.layout().page(runFirst));
        }
        return true;
    }

    /** Chunks of the page that move to a slot which takes them now, as bits. */
    private int moving(long page) {
        from.locate(page, fromSlots);
        to.locate(page, toSlots);
        int moving = 0;
        for (int chunk = 0; chunk < toSlots.length; chunk++) {
            if (fromSlots[chunk] != toSlots[chunk] && !without.contains(toSlots[chunk])) {
                moving |= 1 << chunk;
            }
        }
        return moving;
    }

    private void copy(int chunk, boolean locked) {
        SyncOp op = idleOps.poll();
        if (op == null) {
            op = new SyncOp(owner);
        }
        copying.add(op);
        copyBeganNs = owner.nowNs();
        owner.range(op, runFirst, runCount);
        op.copy(chunk, toSlots[chunk], locked, runAlone && mayGiveUp(), this);
    }

    /** What cannot be read may be had when those come back that are away now. */
    private boolean mayGiveUp() {
        for (int slot : fromSlots) {
            StoreLink link = owner.link(slot);
            if (link.isUsed() && link.isBehind()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void onSynced(SyncOp op, IoStatus status) {
        copying.remove(op);
        if (op.isIdle()) {
            idleOps.add(op);
        }
        if (status == IoStatus.OK) {
            pauseNs = PAUSE_MIN_NS;
            waitsFor = "";
            owner.moved((long) op.blocks * owner.layout().fragmentBytes());
            if (op.isLost()) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "block {0} of volume {1} is lost: nobody can read it",
                        op.firstBlock,
                        owner.vuid());
            }
            if (owner.isBusy() && state == State.COPYING) {
                long tookNs = owner.nowNs() - copyBeganNs;
                pausedUntilNs = owner.nowNs() + Math.min(tookNs, REST_MAX_NS);
            }
        } else if (status != IoStatus.UNAVAILABLE) {
            failed = true;
            if (status == IoStatus.NO_SPACE) {
                waitsFor = "room on a device";
                pauseNs = PAUSE_MAX_NS;
            }
        } else {
            for (int i = 0; i < op.blocks; i++) {
                (op.isLost() ? alone : blocks).add(op.firstBlock + i);
            }
            if (!op.isLost() || op.blocks == 1) {
                waitsFor = "block " + op.firstBlock + " to be readable";
                pause();
            }
        }
    }

    private void pause() {
        pausedUntilNs = owner.nowNs() + pauseNs;
        pauseNs = Math.min(2 * pauseNs, PAUSE_MAX_NS);
        owner.retryLater();
    }

    private void giveUpWindow() {
        runChunks = 0;
        if (proposed) {
            beginAgainLocked();
            pause();
        } else {
            if (state == State.COPYING_LAST) {
                owner.locks().release(lock);
            }
            backOff();
        }
    }

    private void backOff() {
        state = State.IDLE;
        pause();
    }

    private void propose() {
        state = State.PROPOSED;
        proposed = true;
        lastProposalNs = owner.nowNs();
        owner.proposeMoved(endPage, without);
    }

    /** The map has changed. */
    void onPlaced(Placing now) {
        boolean arrived = !now.isMoving() || !now.to().equals(placing.to());
        if (!proposed || !arrived && now.cursor() == cursor) {
            return;
        }
        assert arrived || now.cursor() == endPage;
        decided = true;
        if (copying.isEmpty()) {
            takeStep();
        }
    }

    private void takeStep() {
        collectOldPlaces();
        proposed = false;
        decided = false;
        blocks.clear();
        alone.clear();
        cursor = endPage;
        state = State.FREEING;
        runChunks = 0;
        owner.locks().release(lock);
    }

    private void collectOldPlaces() {
        SortedSet<Long> pages = new TreeSet<>();
        all.forEach(block -> pages.add(owner.layout().page(block)));
        for (long page : pages) {
            from.locate(page, fromSlots);
            to.locate(page, toSlots);
            for (int chunk = 0; chunk < fromSlots.length; chunk++) {
                if (fromSlots[chunk] != toSlots[chunk]) {
                    toFree.add(new FreeOp(owner, page, chunk, fromSlots[chunk]));
                }
            }
        }
    }

    private void freeMore() {
        FreeOp hanging = freeing;
        if (hanging != null
                && !hanging.hasEnded()
                && owner.nowNs() - freeingSinceNs > FREE_PATIENCE * owner.silentStoreNs()) {
            hanging.giveUp();
            toFree.removeIf(op -> op.link() == hanging.link());
        }
        while (freeing == null || freeing.hasEnded()) {
            freeing = toFree.poll();
            if (freeing == null) {
                state = cursor == owner.pages() ? State.ENDED : State.IDLE;
                return;
            }
            freeingSinceNs = owner.nowNs();
            freeing.begin();
        }
    }

    void onWritten(WriteOp op) {
        long end =
                switch (state) {
                    case LISTING -> cursor + windowPages;
                    case COPYING, LOCKING -> endPage;
                    case IDLE, COPYING_LAST, PROPOSED, FREEING, ENDED -> cursor;
                };
        if (op.page >= cursor && op.page < end) {
            for (int i = 0; i < op.blocks; i++) {
                written.add(op.firstBlock + i);
            }
        }
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        listing.onLinksChanged();
        if (freeing != null) {
            freeing.onLinksChanged();
        }
        if (state == State.COPYING_LAST) {
            for (SyncOp op : List.copyOf(copying)) {
                op.onLinksChanged(); // it holds no lock of its own through which it would be told
            }
        }
    }

    /** All blocks of the window. */
    private final class WindowLock extends StripeOp {
        WindowLock(StripeLayout layout) {
            super(layout);
        }

        void cover(long first, int count) {
            firstBlock = first;
            blocks = count;
        }

        @Override
        boolean exclusive() {
            return true;
        }

        @Override
        void onLocked() {
            Movement.this.onLocked();
        }

        @Override
        void onLinksChanged() {}
    }
}
