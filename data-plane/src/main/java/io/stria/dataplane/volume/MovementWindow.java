package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.dataplane.device.Version;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One window of pages of a {@link Movement} on its way. What any store holds of it is copied, run
 * by run, under the blocks' locks; hosts write to the old places meanwhile, and what they write is
 * copied again. Then the whole window is locked, the last of it is copied, and the step of the
 * cursor is proposed. It stays locked until the map shows the step: nobody can know earlier whether
 * it was decided. Reused; on the owner's thread.
 */
final class MovementWindow {
    /** What a window needs of its movement. */
    interface Listener extends WindowCopy.Listener {
        /** Slots that chunks move to, and do not get them, as it is now. */
        SortedSet<Integer> behind();

        /** How many pieces of the window may be under way now. */
        int copiesMax(MovementWindow window);

        /** How many blocks one plain piece may have. */
        int blocksMax();

        /** How many bytes each store may tell of the next part of it. */
        int listedBytes();

        /** The next part may be listed now. */
        boolean mayList();

        /** Each store is asked for so many bytes of a listing, at most. */
        void onLists(long bytes);

        /** It may be locked now: the cursor is where it begins. */
        boolean mayLock(MovementWindow window);

        /** Nobody else uses it from now on. */
        void onLocked();

        /** It ends earlier than it did. */
        void onShrunk(MovementWindow window);

        /** All of it has to begin anew: it is idle. */
        void onGivenUp(MovementWindow window);

        /** The map shows its step: it is idle, and about to be unlocked. */
        void onTaken(MovementWindow window);
    }

    enum State {
        IDLE,
        LISTING,
        COPYING,
        LOCKING,
        COPYING_LAST,
        PROPOSED
    }

    /**
     * One that holds nothing may be longer than others: a large volume that holds little moves in
     * little time.
     */
    private static final int EMPTY_PAGES_MAX = 1 << 16;

    /** So few blocks are copied while hosts wait for the window. */
    private static final int LAST_BLOCKS_MAX = 16;

    /**
     * After so many rounds the window is made smaller: hosts write to it faster than it is copied.
     */
    private static final int ROUNDS_MAX = 3;

    private final VolumeOwner owner;
    private final Route route;
    private final WindowSize size;
    private final WindowContents contents;
    private final WindowCopy copy;
    private final Listener listener;
    private final Listing listing;
    private final WindowLock lock;
    private final CopyTargets targets;
    private final SortedSet<Integer> without = new TreeSet<>();
    private State state = State.IDLE;
    private long beganNs;
    private long lastProposalNs;

    /** What it would be listed to, if it is not empty. */
    private long wantedEnd;

    /** First page after that to which hosts have written while it was listed. */
    private long writtenAfter;

    /** The next part of it is to be listed, in its time. */
    private boolean listsNext;

    private int rounds;

    /**
     * A slot that chunks move to was behind for a while, or was not, or has attached anew before
     * the step was proposed: what it got may be gone.
     */
    private boolean outdated;

    /** The movement's number in what was proposed. */
    private long proposedSince;

    /** It does not begin where the window before it ends: what is under way ends, and no more. */
    private boolean abandoned;

    MovementWindow(
            VolumeOwner owner,
            Route route,
            CopyOps ops,
            Listing listing,
            FirstVersions listed,
            WindowSize size,
            Listener listener) {
        this.owner = owner;
        this.route = route;
        this.size = size;
        this.listener = listener;
        this.contents = new WindowContents(owner.layout(), listed);
        this.copy = new WindowCopy(owner, route, ops, contents, listener);
        this.listing = listing;
        this.lock = new WindowLock(owner.layout());
        this.targets = new CopyTargets(owner);
    }

    boolean isIdle() {
        return state == State.IDLE;
    }

    /** Its step may be decided at any time: the lock stays. */
    boolean isProposed() {
        return state == State.PROPOSED;
    }

    /** No window is before it any more: its size is judged by the time from now on. */
    void becomesFirst() {
        beganNs = owner.nowNs();
    }

    /** Where it ends is known, though it may shrink yet. */
    boolean isListed() {
        return !abandoned && state != State.IDLE && state != State.LISTING;
    }

    /** Hosts may wait for it. */
    boolean isLocked() {
        return state == State.COPYING_LAST || state == State.PROPOSED;
    }

    /** Only {@link #advance} begins what comes next; nothing ends that would lead to it. */
    boolean wantsMore() {
        return listsNext
                || state == State.COPYING
                        && copy.underWay() == 0
                        && !copy.hasNothingLeft()
                        && !abandoned;
    }

    int copiesUnderWay() {
        return copy.underWay();
    }

    WindowContents contents() {
        return contents;
    }

    void begin(long page) {
        state = State.LISTING;
        beganNs = owner.nowNs();
        contents.begin(page);
        without.clear();
        without.addAll(listener.behind());
        copy.begin(without);
        targets.begin(without);
        outdated = false;
        abandoned = false;
        rounds = 0;
        wantedEnd = Math.min(page + size.pages(), owner.pages().count());
        writtenAfter = Long.MAX_VALUE;
        listsNext = true;
        listMore();
    }

    private void listMore() {
        if (listsNext && listener.mayList()) {
            listsNext = false;
            list();
        }
    }

    /**
     * At first a little of whatever there is, which shows how far there is nothing; then only pages
     * of which something moves. What one that cannot be asked holds alone would be taken for what
     * nobody has.
     */
    private void list() {
        if (!owner.links().allTrusted()) {
            giveUp();
            return;
        }
        long next = contents.endPage();
        long chosen = next > contents.firstPage() ? route.movingPages(next, wantedEnd) : 0;
        int bytes = chosen == 0 ? Listing.LOOK_BYTES : listener.listedBytes();
        List<StoreLink> sources = owner.links().stream().filter(StoreLink::isReadable).toList();
        listener.onLists(bytes);
        listing.begin(next, chosen, Version.NONE, sources, bytes);
    }

    boolean isListing() {
        return state == State.LISTING;
    }

    /** The store's answers to what it has asked for are there, or will not come. */
    void onListed(Listing ended) {
        if (!ended.isComplete()) {
            giveUp();
            return;
        }
        long empty = emptyUntil(ended);
        long last = Math.max(wantedEnd, Math.min(empty, owner.pages().count()));
        contents.listedTo(Math.min(ended.endPage(), last));
        if (contents.endPage() > empty) {
            ended.forEach(
                    contents.endPage(),
                    (source, address, version, flags) ->
                            contents.onListed(owner.layout().blockOf(address), version));
        }
        contents.listedTo(route.nextMoving(contents.endPage(), last));
        if (contents.endPage() < last) {
            listsNext = true;
            listMore();
            return;
        }
        contents.endAt(last);
        contents.takeWritten();
        state = State.COPYING;
    }

    /** First page that any place holds something of, or may. */
    private long emptyUntil(Listing ended) {
        long first = contents.firstPage();
        if (contents.endPage() > first) {
            return first;
        }
        return Math.min(Math.min(ended.firstListedPage(), writtenAfter), first + EMPTY_PAGES_MAX);
    }

    void advance() {
        switch (state) {
            case COPYING, COPYING_LAST -> copyMore();
            case PROPOSED -> {
                if (isRefused()) {
                    giveUp();
                } else if (owner.nowNs() - lastProposalNs >= owner.proposals().repeatNs()) {
                    propose();
                }
            }
            case LISTING -> listMore();
            case IDLE, LOCKING -> {}
        }
    }

    /**
     * Whether what was proposed is not decided any more: a slot of the new list was marked, too
     * many are behind, or one that the step leaves out is in sync. One of a movement that is held
     * is of none that goes on later. Such a step is refused, and with the next mark it is of
     * another movement. Nothing that hosts write to the old places from now on is lost then.
     */
    private boolean isRefused() {
        Placing now = owner.pages().placing();
        assert now.cursor() == contents.firstPage();
        return now.isHeld()
                || now.since() != proposedSince
                || !listener.behind().containsAll(without);
    }

    /** What it gets is not what it would have to get by now, or may be gone. */
    private boolean isOutdated() {
        return outdated || !without.equals(listener.behind()) || !targets.haveStayed();
    }

    private void copyMore() {
        boolean locked = state == State.COPYING_LAST;
        while (!copy.hasFailed()
                && !abandoned
                && !outdated
                && copy.underWay() < listener.copiesMax(this)
                && copy.copyNext(listener.blocksMax(), locked)) {}
        if (copy.underWay() > 0) {
            return;
        }
        if (abandoned) {
            state = State.IDLE;
        } else if (copy.hasFailed()) {
            giveUp();
        } else if (outdated || copy.hasNothingLeft()) {
            roundEnded();
        }
    }

    private void roundEnded() {
        boolean fewWritten = contents.writtenSince() <= LAST_BLOCKS_MAX;
        boolean locked = state == State.COPYING_LAST;
        if (!locked && !listener.mayLock(this) && fewWritten && !outdated) {
            return; // its turn comes
        }
        if (isOutdated()) {
            size.halve(contents.endPage() - contents.firstPage());
            giveUp(); // what takes chunks now was not listed, or will be waited for
        } else if (locked) {
            state = State.PROPOSED;
            propose();
        } else if (fewWritten) {
            acquireLock();
        } else if (!listener.mayLock(this) || ++rounds < ROUNDS_MAX) {
            contents.takeWritten();
        } else if (contents.endPage() - contents.firstPage() > 1) {
            size.halve(contents.endPage() - contents.firstPage());
            contents.endAt(contents.firstPage() + size.pages());
            listener.onShrunk(this);
            rounds = 0;
            contents.takeWritten();
        } else {
            acquireLock(); // hosts wait until one page has been copied
        }
    }

    private void acquireLock() {
        if (!contents.holdsNothing()) {
            size.fit(owner.nowNs() - beganNs, owner.copyBudget().windowPages());
        }
        state = State.LOCKING;
        lock.cover(contents);
        owner.locks().acquire(lock);
    }

    private void onLocked() {
        state = State.COPYING_LAST;
        listener.onLocked();
        contents.takeWritten();
    }

    private void propose() {
        lastProposalNs = owner.nowNs();
        assert owner.pages().placing().cursor() == contents.firstPage();
        proposedSince = owner.pages().placing().since();
        SortedSet<Integer> exceptOn = new TreeSet<>(without); // decided at any time
        owner.proposals().moved(owner.pages().placing(), contents.endPage(), exceptOn);
    }

    /** It is idle as soon as nothing of it is under way. It is not locked. */
    void abandon() {
        assert !isLocked() && state != State.LOCKING;
        if (state == State.LISTING) {
            listing.stop();
            listsNext = false;
            state = State.IDLE;
        } else if (state == State.COPYING) {
            abandoned = true;
        }
    }

    private void giveUp() {
        boolean locked = isLocked();
        state = State.IDLE;
        listener.onGivenUp(this);
        if (locked) {
            owner.locks().release(lock);
        }
    }

    /** The map shows its step. */
    void onDecided() {
        assert state == State.PROPOSED;
        state = State.IDLE;
        targets.moved(new PageRange(contents.firstPage(), contents.endPage()));
        listener.onTaken(this);
        owner.locks().release(lock);
    }

    void onWritten(WriteOp op) {
        long end =
                switch (state) {
                    case LISTING -> wantedEnd;
                    case COPYING, LOCKING -> contents.endPage();
                    case IDLE, COPYING_LAST, PROPOSED -> contents.firstPage();
                };
        if (op.page >= contents.firstPage() && op.page < end) {
            contents.onWritten(op.firstBlock, op.blocks);
        } else if (state == State.LISTING && op.page >= end) {
            writtenAfter = Math.min(writtenAfter, op.page);
        }
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        outdated |= state != State.IDLE && isOutdated();
        if (state == State.COPYING_LAST) {
            copy.onLinksChanged();
        }
    }

    /** All blocks of the window. */
    private final class WindowLock extends StripeOp {
        WindowLock(StripeLayout layout) {
            super(layout);
        }

        void cover(WindowContents window) {
            firstBlock = window.firstBlock(window.firstPage());
            blocks = window.blocks();
        }

        @Override
        boolean exclusive() {
            return true;
        }

        @Override
        void onLocked() {
            MovementWindow.this.onLocked();
        }

        @Override
        void onLinksChanged() {}
    }
}
