package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Moves the chunks of a volume from where one list of slots has them to where the next one has
 * them, page after page, between the volume's own IO: what rebuilds after a failed device, fills an
 * added one and empties one that leaves.
 *
 * <p>One {@link MovementWindow} of pages after the other is listed and copied, and the step of the
 * cursor over it is proposed. While that goes on, the next window is listed and copied already: its
 * pages are at their old places whatever is decided, and it is locked only when the map shows the
 * step before. From then on the pages of that step are at their new places, and the old ones are
 * freed while others are copied.
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
final class Movement implements MovementWindow.Listener, Listing.Listener {
    private static final long PAUSE_MIN_NS = 50_000_000L;
    private static final long PAUSE_MAX_NS = 2_000_000_000L;

    /**
     * Whoever is away for longer while a lost device is rebuilt will be compared from the beginning
     * when it comes back.
     */
    static final long SKIP_AFTER_NS = 60_000_000_000L;

    private final VolumeOwner owner;
    private final Placing placing;
    private final Route route;
    private final CopyBudget budget;
    private final CopyOps ops;
    private final Pace pace;
    private final OldPlaces oldPlaces;

    /** Of the window that is listed: never both. */
    private final Listing listing;

    /** The one that begins at the cursor. */
    private MovementWindow window;

    /** The one that begins where the other ends; idle as long as that is being listed. */
    private MovementWindow ahead;

    /** It has a window under way, and so a share of the budget. */
    private boolean sharing;

    private boolean ended;
    private String waitsFor = "";
    private long cursor;
    private long pausedUntilNs;
    private long pauseNs = PAUSE_MIN_NS;

    /**
     * @param lastHostNs when a host last asked for something
     */
    Movement(VolumeOwner owner, long lastHostNs) {
        this.owner = owner;
        this.placing = owner.pages().placing();
        this.cursor = placing.cursor();
        this.route =
                new Route(owner.pages().from(), owner.pages().to(), owner.layout().fragments());
        this.budget = owner.copyBudget();
        this.ops = new CopyOps(owner);
        this.pace = new Pace(owner.nowNs(), lastHostNs);
        this.oldPlaces = new OldPlaces(owner);
        this.pausedUntilNs = owner.nowNs();
        lookWhatIsMissing();
        this.listing = new Listing(owner, this);
        FirstVersions listed = new FirstVersions();
        WindowSize size = new WindowSize(owner.windowPages());
        this.window = new MovementWindow(owner, route, ops, listing, listed, size, this);
        this.ahead = new MovementWindow(owner, route, ops, listing, listed, size, this);
    }

    @Override
    public String toString() {
        return "moves page %d of %d%s"
                .formatted(
                        cursor,
                        owner.pages().count(),
                        waitsFor.isEmpty() ? "" : ", waits for " + waitsFor);
    }

    /** When {@link #advance} has something to do next, unless something arrives earlier. */
    long nextDeadlineNs() {
        if (!window.wantsMore() && !ahead.wantsMore()) {
            return Long.MAX_VALUE;
        }
        long nowNs = owner.nowNs();
        long dueNs = pace.dueNs(nowNs);
        long atNs = dueNs - pausedUntilNs < 0 ? pausedUntilNs : dueNs;
        return nowNs - atNs < 0 ? atNs : Long.MAX_VALUE;
    }

    /** A host asks for something. */
    void onAsked(long nowNs) {
        pace.onAsked(nowNs);
    }

    /** A host has got what it asked for. */
    void onAnswered(HostIo io) {
        long nowNs = owner.nowNs();
        pace.onAnswered(io.isRead(), nowNs - io.beganNs(), nowNs);
    }

    /** Bytes per second that hosts leave to it; 0 if none is there. */
    long rate() {
        return pace.rate(owner.nowNs());
    }

    /** Slots whose device is lost, or lacks writes. */
    private void lookWhatIsMissing() {
        long missing =
                owner.links().stream()
                        .filter(link -> placing.uses(link.slot))
                        .filter(link -> link.isBehind() || owner.links().isLost(link.slot))
                        .count();
        pace.onMissing((int) missing, owner.nowNs());
    }

    boolean uses(int slot) {
        return placing.uses(slot);
    }

    /** Some window is under way. */
    boolean copiesPages() {
        return !window.isIdle() || !ahead.isIdle();
    }

    /** All pages are where they should be, and nothing of this is in flight. */
    boolean hasEnded() {
        return ended;
    }

    void advance() {
        oldPlaces.advance(pace.frees(owner.nowNs()));
        if (window.isIdle()) {
            beginNext();
        } else {
            window.advance();
        }
        if (!ahead.isIdle()) {
            ahead.advance();
        } else if (window.isListed()) {
            beginAhead();
        }
        leaveBudget(); // the last to become idle may be a window that was given up before
    }

    private void beginNext() {
        if (cursor < owner.pages().count()) {
            if (mayBegin()) {
                share();
                window.begin(cursor);
            }
        } else if (oldPlaces.isEmpty()) {
            ended = true;
        }
    }

    @Override
    public void onListed(Listing of) {
        (window.isListing() ? window : ahead).onListed(of);
    }

    private void beginAhead() {
        long next = window.contents().endPage();
        if (next < owner.pages().count() && mayBegin()) {
            ahead.begin(next);
        }
    }

    private boolean mayBegin() {
        return owner.nowNs() - pausedUntilNs >= 0 && mayGoOn();
    }

    /** Without all that are in sync, a block could seem lost that is not. */
    private boolean mayGoOn() {
        waitsFor = "";
        if (isHeld()) {
            waitsFor = "slots that are behind, too many of those that pages move to";
            return false;
        }
        if (!owner.links().allTrusted()) {
            waitsFor = "stores to attach";
        }
        boolean rebuilds = isAnyLost();
        for (int slot : behind()) {
            StoreLink link = owner.links().get(slot);
            if (link.isUsed() && (!rebuilds || link.awayNs(owner.nowNs()) < SKIP_AFTER_NS)) {
                waitsFor = "slot " + link.slot + " to be in sync";
            }
        }
        return waitsFor.isEmpty();
    }

    /** What was lost is rebuilt by this movement, or by the next one, which waits for this one. */
    private boolean isAnyLost() {
        return owner.links().stream()
                .anyMatch(link -> placing.uses(link.slot) && owner.links().isLost(link.slot));
    }

    private boolean isHeld() {
        return owner.pages().placing().isHeld();
    }

    @Override
    public SortedSet<Integer> behind() {
        SortedSet<Integer> behind = new TreeSet<>();
        for (StoreLink link : owner.links()) {
            if (link.isBehind() && placing.to().contains(link.slot)) {
                behind.add(link.slot);
            }
        }
        return behind;
    }

    @Override
    public int copiesMax(MovementWindow of) {
        long nowNs = owner.nowNs();
        if (nowNs - pausedUntilNs < 0) {
            return 0;
        }
        if (of.isLocked()) {
            return budget.share();
        }
        int others = (of == window ? ahead : window).copiesUnderWay();
        return Math.min(budget.share(), pace.copies(nowNs)) - others;
    }

    @Override
    public int blocksMax() {
        return RunCopy.blocks(owner.layout(), pace.bytes(owner.nowNs()));
    }

    @Override
    public int listedBytes() {
        return pace.listedBytes(owner.nowNs());
    }

    @Override
    public boolean mayList() {
        return pace.isDue(owner.nowNs());
    }

    @Override
    public void onLists(long bytes) {
        pace.spent(bytes, owner.nowNs());
    }

    @Override
    public boolean mayLock(MovementWindow which) {
        return which == window && !pace.rests(owner.nowNs());
    }

    @Override
    public void onLocked() {
        pausedUntilNs = owner.nowNs(); // hosts may wait from now on
    }

    @Override
    public void onCopied(long bytes) {
        pauseNs = PAUSE_MIN_NS;
        waitsFor = "";
        pace.spent(bytes, owner.nowNs());
        owner.moved(bytes);
    }

    @Override
    public void onNoRoom() {
        waitsFor = "room on a device";
        pauseNs = PAUSE_MAX_NS;
    }

    @Override
    public void onUnreadable(long block) {
        waitsFor = "block " + block + " to be readable";
        pause();
    }

    @Override
    public void onShrunk(MovementWindow which) {
        if (which == window) {
            ahead.abandon();
        }
    }

    @Override
    public void onGivenUp(MovementWindow which) {
        onShrunk(which);
        pause();
    }

    private void pause() {
        pausedUntilNs = owner.nowNs() + pauseNs;
        pauseNs = Math.min(2 * pauseNs, PAUSE_MAX_NS);
        owner.retryLater();
    }

    private void share() {
        if (!sharing) {
            sharing = true;
            budget.join();
        }
    }

    private void leaveBudget() {
        if (sharing && !copiesPages()) {
            ops.trim();
            sharing = false;
            budget.leave();
        }
    }

    /** Its owner has stopped, and begins nothing more. */
    void stop() {
        if (sharing) {
            sharing = false;
            budget.leave();
        }
    }

    /** The map has changed. */
    void onPlaced(Placing now) {
        boolean arrived = !now.isMoving() || !now.to().equals(placing.to());
        if (!window.isProposed() || !arrived && now.cursor() == cursor) {
            return;
        }
        assert arrived || now.cursor() == window.contents().endPage();
        window.onDecided();
    }

    @Override
    public void onTaken(MovementWindow taken) {
        collectOldPlaces(taken.contents());
        cursor = taken.contents().endPage();
        window = ahead;
        ahead = taken;
        window.becomesFirst();
    }

    private void collectOldPlaces(WindowContents of) {
        for (long page = of.nextPage(of.firstPage()); page >= 0; page = of.nextPage(page + 1)) {
            route.locate(page);
            for (int chunk = 0; chunk < route.fromSlots().length; chunk++) {
                if (route.moves(chunk)) {
                    oldPlaces.add(page, chunk, route.fromSlots()[chunk]);
                }
            }
        }
    }

    void onWritten(WriteOp op) {
        window.onWritten(op);
        ahead.onWritten(op);
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        lookWhatIsMissing();
        listing.onLinksChanged();
        window.onLinksChanged();
        ahead.onLinksChanged();
        oldPlaces.onLinksChanged();
    }
}
