package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Moves the chunks of a volume from where one list of slots has them to where the next one has
 * them, page after page, between the volume's own IO: what rebuilds after a failed device, fills an
 * added one and empties one that leaves.
 *
 * <p>One window of pages at a time. What any store holds of it is copied, run by run, under the
 * blocks' locks; hosts write to the old places meanwhile, and what they write is copied again. Then
 * the whole window is locked, the last of it is copied, and the step of the cursor is proposed. It
 * stays locked until the map shows the step: nobody can know earlier whether it was decided. From
 * then on the pages are at their new places, and the old ones are freed while others are copied.
 *
 * <p>What is plain goes in large pieces, see {@link RunCopy}. What is not, or of which stores have
 * listed several versions, is looked at carefully, see {@link SyncOp}.
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
final class Movement implements RunCopy.Listener, SyncOp.Listener, Listing.Listener {
    private enum State {
        IDLE,
        LISTING,
        COPYING,
        LOCKING,
        COPYING_LAST,
        PROPOSED,
        ENDED
    }

    private static final System.Logger LOG = System.getLogger(Movement.class.getName());

    /** Keeps the lock short that all hosts may wait for, and the step small that may be lost. */
    private static final int WINDOW_PAGES_MAX = 4096;

    /** So few blocks are copied while hosts wait for the window. */
    private static final int LAST_BLOCKS_MAX = 16;

    /**
     * After so many rounds the window is made smaller: hosts write to it faster than it is copied.
     */
    private static final int ROUNDS_MAX = 2;

    private static final int WINDOW_PAGES_FIRST = 16;

    /** A window that takes less spends too much of it on being listed and decided; */
    private static final long WINDOW_NS_MIN = 1_000_000_000L;

    /** and all of it is lost when its owner ends. */
    private static final long WINDOW_NS_MAX = 4_000_000_000L;

    /** Blocks between two runs that are copied once more, which is cheaper than two runs. */
    private static final int GAP_MAX = 3;

    private static final long PAUSE_MIN_NS = 50_000_000L;
    private static final long PAUSE_MAX_NS = 2_000_000_000L;

    /**
     * Whoever is away for longer while a lost device is rebuilt will be compared from the beginning
     * when it comes back.
     */
    static final long SKIP_AFTER_NS = 60_000_000_000L;

    private final VolumeOwner owner;
    private final PageLocations from;
    private final PageLocations to;
    private final Placing placing;
    private final Listing listing;
    private final WindowLock lock;

    private final CopyBudget budget;
    private final Pace pace;
    private final OldPlaces oldPlaces;

    /** Blocks of the window that are to be copied. */
    private final WindowBlocks blocks = new WindowBlocks();

    /** Everything that there is in the window, copied or not. */
    private final WindowBlocks all = new WindowBlocks();

    /** Those to be copied that were not plain. */
    private final WindowBlocks careful = new WindowBlocks();

    /**
     * Everything in the window that was not plain, copied or not. What its old place says may not
     * be the truth, so it is never copied as it stands there, also when it is copied once more.
     */
    private final WindowBlocks doubtful = new WindowBlocks();

    /** Those to be copied of which some neighbour could not be read. */
    private final WindowBlocks alone = new WindowBlocks();

    /** What hosts have written since it was copied. */
    private final WindowBlocks written = new WindowBlocks();

    /** Of each block of the window the version that was listed first; 0: none. */
    private long[] listed = {};

    private final List<StripeOp> copying = new ArrayList<>();
    private final ArrayDeque<RunCopy> idleRuns = new ArrayDeque<>();
    private final ArrayDeque<SyncOp> idleOps = new ArrayDeque<>();
    private final SortedSet<Integer> without = new TreeSet<>();
    private final int[] fromSlots;
    private final int[] toSlots;
    private State state = State.IDLE;

    /** It has a window under way, and so a share of the budget. */
    private boolean sharing;

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

    /** The blocks that are looked at carefully, and the chunks of them that are left. */
    private long runFirst;

    private int runCount;
    private int runChunks;
    private boolean runAlone;
    private long pausedUntilNs;
    private long pauseNs = PAUSE_MIN_NS;
    private long windowBeganNs;
    private long carefulBeganNs;
    private long lastProposalNs;

    Movement(VolumeOwner owner, PageLocations from, PageLocations to) {
        this.owner = owner;
        this.from = from;
        this.to = to;
        this.placing = owner.placing();
        this.cursor = placing.cursor();
        this.listing = new Listing(owner, this);
        this.lock = new WindowLock(owner.layout());
        this.budget = owner.copyBudget();
        this.pace = new Pace(owner.nowNs());
        this.oldPlaces = new OldPlaces(owner);
        this.fromSlots = new int[owner.layout().fragments()];
        this.toSlots = new int[owner.layout().fragments()];
        this.pausedUntilNs = owner.nowNs();
    }

    @Override
    public String toString() {
        return "moves page %d of %d%s"
                .formatted(
                        cursor,
                        owner.pages(),
                        waitsFor.isEmpty() ? ", " + pace : ", waits for " + waitsFor);
    }

    /** When {@link #advance} has something to do next, unless something arrives earlier. */
    long nextDeadlineNs() {
        if (state != State.COPYING || !copying.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long nowNs = owner.nowNs();
        return nowNs - pausedUntilNs < 0 ? pausedUntilNs : pace.nextDeadlineNs(nowNs);
    }

    void onHostIo(long tookNs, boolean isRead) {
        pace.onHostIo(owner.nowNs(), tookNs, isRead);
    }

    boolean uses(int slot) {
        return placing.uses(slot);
    }

    /** All pages are where they should be, and nothing of this is in flight. */
    boolean hasEnded() {
        return state == State.ENDED;
    }

    void advance() {
        oldPlaces.advance();
        switch (state) {
            case IDLE -> {
                if (cursor == owner.pages()) {
                    state = oldPlaces.isEmpty() ? State.ENDED : State.IDLE;
                } else if (owner.nowNs() - pausedUntilNs >= 0 && mayGoOn()) {
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
        sharing = true;
        budget.join();
        windowBeganNs = owner.nowNs();
        failed = false;
        proposed = false;
        rounds = 0;
        for (WindowBlocks set : List.of(blocks, careful, doubtful, alone, all, written)) {
            set.begin(firstBlock(cursor));
        }
        Arrays.fill(listed, 0);
        without.clear();
        without.addAll(behind());
        endPage = cursor;
        list();
    }

    /** What one that cannot be asked holds alone would be taken for what nobody has. */
    private void list() {
        if (!owner.allTrusted()) {
            backOff();
            return;
        }
        List<StoreLink> sources = owner.links().stream().filter(StoreLink::isReadable).toList();
        listing.begin(endPage, Version.NONE, sources);
    }

    @Override
    public void onListed(Listing ended) {
        if (!ended.isComplete()) {
            backOff();
            return;
        }
        long last = Math.min(cursor + windowPages, owner.pages());
        endPage = Math.min(ended.endPage(), last);
        int size = Math.toIntExact(firstBlock(endPage) - firstBlock(cursor));
        if (listed.length < size) {
            listed = Arrays.copyOf(listed, size);
        }
        ended.forEach(endPage, this::onListed);
        if (endPage < last) {
            list();
            return;
        }
        written.cut(firstBlock(endPage));
        takeWritten();
        state = State.COPYING;
    }

    /** What is not the same everywhere is not plain. */
    private void onListed(StoreLink source, long address, long version, int flags) {
        long block = owner.layout().blockOf(address);
        int i = Math.toIntExact(block - firstBlock(cursor));
        all.add(block);
        if (listed[i] == 0) {
            listed[i] = version;
            blocks.add(block);
        } else if (listed[i] != version) {
            blocks.remove(block, 1);
            careful.add(block);
            doubtful.add(block);
        }
    }

    private long firstBlock(long page) {
        return page * owner.layout().blocksPerPage();
    }

    private void copyMore() {
        boolean last = state == State.COPYING_LAST;
        long nowNs = owner.nowNs();
        while (!failed
                && !decided
                && copying.size()
                        < Math.min(budget.share(), last ? Pace.COPIES_MAX : pace.copies(nowNs))
                && nowNs - pausedUntilNs >= 0
                && copyNext(last)) {}
        if (!copying.isEmpty()) {
            return;
        }
        if (decided) {
            takeStep();
        } else if (failed) {
            giveUpWindow();
        } else if (blocks.isEmpty() && careful.isEmpty() && alone.isEmpty() && runChunks == 0) {
            roundEnded(last);
        }
    }

    /** False when there is nothing to begin. */
    private boolean copyNext(boolean last) {
        if (!blocks.isEmpty()) {
            copyRun(last);
            return true;
        }
        if (!nextCarefulRun()) {
            return false;
        }
        int chunk = Integer.numberOfTrailingZeros(runChunks);
        runChunks &= ~(1 << chunk);
        copyCarefully(chunk, last);
        return true;
    }

    private void copyRun(boolean last) {
        long first = blocks.lowest();
        int toPageEnd = owner.layout().blocksPerPage() - owner.layout().indexInPage(first);
        int max =
                pace.isAlone(owner.nowNs())
                        ? RunCopy.blocksMax(owner.layout())
                        : StripeOp.BLOCKS_MAX;
        long doubted = doubtful.next(first);
        int toDoubted = doubted < 0 ? max : (int) Math.min(doubted - first, max);
        int count = runLength(blocks, first, Math.min(toDoubted, toPageEnd));
        int chunks = moving(owner.layout().page(first));
        if (chunks == 0) {
            return;
        }
        RunCopy op = idleRuns.isEmpty() ? new RunCopy(owner) : idleRuns.remove();
        op.holes().clear();
        for (int i = 0; i < count; i++) {
            op.holes().set(i, !all.contains(first + i));
        }
        owner.range(op, first, count);
        copying.add(op);
        op.copy(chunks, toSlots, last, this);
    }

    /** Takes the next blocks out, with those between them that are few. */
    private static int runLength(WindowBlocks from, long first, int max) {
        int count = 1;
        long next = from.next(first + 1);
        while (next >= 0 && next < first + max && next - (first + count) <= GAP_MAX) {
            count = (int) (next - first) + 1;
            next = from.next(next + 1);
        }
        from.remove(first, count);
        return count;
    }

    private void roundEnded(boolean last) {
        if (!without.equals(behind())) {
            giveUpWindow(); // what takes chunks now was not listed, or will be waited for
        } else if (last) {
            propose();
        } else if (written.size() <= LAST_BLOCKS_MAX) {
            fitWindow();
            acquireLock();
        } else if (++rounds < ROUNDS_MAX) {
            takeWritten();
        } else if (endPage - cursor > 1) {
            windowPages = (int) ((endPage - cursor) / 2);
            endPage = cursor + windowPages;
            written.cut(firstBlock(endPage));
            all.cut(firstBlock(endPage));
            rounds = 0;
            takeWritten();
        } else {
            acquireLock(); // hosts wait until one page has been copied
        }
    }

    private void fitWindow() {
        long tookNs = owner.nowNs() - windowBeganNs;
        if (tookNs < WINDOW_NS_MIN) {
            windowPages = Math.min(4 * windowPages, WINDOW_PAGES_MAX);
        } else if (tookNs > WINDOW_NS_MAX) {
            windowPages = Math.max(windowPages / 2, 1);
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
        all.addAll(written);
        copyAgain(written);
        written.begin(firstBlock(cursor));
    }

    private void copyAgain(WindowBlocks those) {
        blocks.addAll(those);
        blocks.removeAll(doubtful);
        careful.addCommon(those, doubtful);
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
        copyAgain(all);
    }

    /**
     * Slots that were left out are in sync now. What they hold of the window from earlier was not
     * listed with the rest: whole chunks are set there, absence included.
     */
    private void addPagesOf(SortedSet<Integer> unlisted) {
        for (long page = cursor; page < endPage; page++) {
            locate(page);
            for (int chunk = 0; chunk < toSlots.length; chunk++) {
                if (fromSlots[chunk] != toSlots[chunk] && unlisted.contains(toSlots[chunk])) {
                    all.add(firstBlock(page), owner.layout().blocksPerPage());
                }
            }
        }
    }

    /** Sets the next blocks to look at carefully, and the chunks of them that move. */
    private boolean nextCarefulRun() {
        while (runChunks == 0) {
            boolean single = careful.isEmpty();
            WindowBlocks from = single ? alone : careful;
            if (from.isEmpty()) {
                return false;
            }
            runFirst = from.lowest();
            int max = single ? 1 : owner.pieceBlocks(runFirst, StripeOp.BLOCKS_MAX);
            runCount = runLength(from, runFirst, max);
            runAlone = single;
            runChunks = moving(owner.layout().page(runFirst));
        }
        locate(owner.layout().page(runFirst));
        return true;
    }

    /** Chunks of the page that move to a slot which takes them now, as bits. */
    private int moving(long page) {
        locate(page);
        int moving = 0;
        for (int chunk = 0; chunk < toSlots.length; chunk++) {
            if (fromSlots[chunk] != toSlots[chunk] && !without.contains(toSlots[chunk])) {
                moving |= 1 << chunk;
            }
        }
        return moving;
    }

    private void locate(long page) {
        from.locate(page, fromSlots);
        to.locate(page, toSlots);
    }

    private void copyCarefully(int chunk, boolean locked) {
        SyncOp op = idleOps.poll();
        if (op == null) {
            op = new SyncOp(owner);
        }
        copying.add(op);
        carefulBeganNs = owner.nowNs();
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
    public void onCopied(RunCopy op, IoStatus status) {
        copying.remove(op);
        if (op.isIdle() && idleRuns.size() < budget.share()) {
            idleRuns.add(op);
        }
        if (status == IoStatus.OK) {
            copied(op.bytes());
            pace.onCopied(owner.nowNs(), op.tookNs());
        } else if (status == IoStatus.UNAVAILABLE) {
            careful.add(op.firstBlock, op.blocks);
            doubtful.add(op.firstBlock, op.blocks);
        } else {
            targetFailed(status);
        }
    }

    private void copied(long bytes) {
        pauseNs = PAUSE_MIN_NS;
        waitsFor = "";
        owner.moved(bytes);
    }

    private void targetFailed(IoStatus status) {
        failed = true;
        if (status == IoStatus.NO_SPACE) {
            waitsFor = "room on a device";
            pauseNs = PAUSE_MAX_NS;
        }
    }

    @Override
    public void onSynced(SyncOp op, IoStatus status) {
        copying.remove(op);
        if (op.isIdle() && idleOps.size() < budget.share()) {
            idleOps.add(op);
        }
        if (status == IoStatus.OK) {
            copied((long) op.blocks * owner.layout().fragmentBytes());
            pace.onCopied(owner.nowNs(), owner.nowNs() - carefulBeganNs);
            if (op.isLost()) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "block {0} of volume {1} is lost: nobody can read it",
                        op.firstBlock,
                        owner.vuid());
            }
        } else if (status != IoStatus.UNAVAILABLE) {
            targetFailed(status);
        } else {
            (op.isLost() ? alone : careful).add(op.firstBlock, op.blocks);
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
        leaveBudget();
        pause();
    }

    /** Buffers above its share are left to others. */
    private void leaveBudget() {
        if (sharing) {
            while (idleRuns.size() > budget.share()) {
                idleRuns.remove();
            }
            while (idleOps.size() > budget.share()) {
                idleOps.remove();
            }
            sharing = false;
            budget.leave();
        }
    }

    /** Its owner has stopped, and begins nothing more. */
    void stop() {
        leaveBudget();
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
        cursor = endPage;
        state = State.IDLE;
        leaveBudget();
        runChunks = 0;
        owner.locks().release(lock);
    }

    private void collectOldPlaces() {
        long block = all.lowest();
        while (block >= 0) {
            long page = owner.layout().page(block);
            locate(page);
            for (int chunk = 0; chunk < fromSlots.length; chunk++) {
                if (fromSlots[chunk] != toSlots[chunk]) {
                    oldPlaces.add(page, chunk, fromSlots[chunk]);
                }
            }
            block = all.next(firstBlock(page + 1));
        }
    }

    void onWritten(WriteOp op) {
        long end =
                switch (state) {
                    case LISTING -> cursor + windowPages;
                    case COPYING, LOCKING -> endPage;
                    case IDLE, COPYING_LAST, PROPOSED, ENDED -> cursor;
                };
        if (op.page >= cursor && op.page < end) {
            written.add(op.firstBlock, op.blocks);
        }
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        listing.onLinksChanged();
        oldPlaces.onLinksChanged();
        if (state == State.COPYING_LAST) {
            for (StripeOp op : List.copyOf(copying)) {
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
