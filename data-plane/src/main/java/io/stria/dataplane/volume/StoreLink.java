package io.stria.dataplane.volume;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import org.jspecify.annotations.Nullable;

/**
 * One slot's store as one owner sees it: its association, and whether it is in sync for this
 * volume.
 *
 * <p>A slot that is <em>behind</em> may be missing from a write. While it catches up ({@link
 * #syncing}) it gets every new write again, and from the moment "in sync" has been proposed no
 * write is acknowledged without it, whatever the map still says: the decision may already have been
 * taken.
 */
final class StoreLink implements FragmentRequest.Completion {
    /** Where the association stands. */
    enum State {
        DETACHED,
        ATTACHING,
        ATTACHED
    }

    static final long NO_MARK = -1;
    private static final long STUCK_NS = 2_000_000_000L;
    private static final long GONE_NS = 10_000_000_000L;
    private static final long SOUND = Long.MIN_VALUE;
    private static final int BREAKS_MAX = 4;

    /** As with a node that counts as down: see {@link #isGone}. */
    private static final int GONE_PATIENCE = 4;

    private static final long FAILED_STORE_REST_NS = 1_000_000_000L;
    private static final long FULL_STORE_REST_NS = 5_000_000_000L;

    final int slot;
    private final FragmentStore store;
    private final VolumeOwner owner;
    private final FragmentRequest attach = new FragmentRequest();
    private final FragmentRequest commit = new FragmentRequest();
    private final FragmentRequest.Completion committed = this::onCommitted;
    private State state = State.DETACHED;
    private long connection;
    private boolean attachInFlight;
    private boolean commitInFlight;
    private int outstanding;

    /** Commands in flight that were sent at {@link #boundaryNs} or before. */
    private int outstandingOld;

    /** Moves on when the old ones have ended: a command that is stuck holds it. */
    private long boundaryNs;

    /** When it did so, later by the time for which the owner has stood still. */
    private long stuckSinceNs;

    private long silentSinceNs;
    private int breaks;
    private long firstBreakNs;
    private long lastBreakNs = Long.MIN_VALUE / 2;
    private long retryAtNs;

    /** Some page may have a chunk here, on a device that may come back. */
    private boolean used = true;

    private long behindMark = NO_MARK;
    private long proposedMark = NO_MARK;
    boolean syncing;

    /** What it holds has been compared since it attached: it votes and is read. */
    private boolean trusted;

    /** Why it cannot hold all that it had, or null. */
    private @Nullable String conviction;

    /** Since when it has failed what it was told to keep; {@link #SOUND}: it does not. */
    private long failingSinceNs = SOUND;

    /** How often it has attached. */
    private long association;

    /**
     * Pages that came here by a movement, or by a catch-up that took nothing there for granted, of
     * which it is not known yet that they still were here when the map said so.
     */
    private @Nullable PageRange movedPages;

    /** The association over which they came. */
    private long movedOver;

    /** When the map showed that they are here. */
    private long movedNs;

    /** Everything has been compared; only writes that dropped older versions have to end yet. */
    boolean compared;

    /** Writes in flight that dropped older versions there, see {@link #dropsVersions}. */
    int dropping;

    /** What the store had as committed watermark when it attached. */
    long attachedWatermark;

    /**
     * The store cannot tell what it has lost: it is behind, also as long as the map does not say
     * so.
     */
    private boolean forgetful;

    private long sentWatermark;
    private boolean sentAllInSync;
    private final ReadTimes readTimes = new ReadTimes();
    long lastProposalNs = Long.MIN_VALUE / 2;

    StoreLink(int slot, FragmentStore store, VolumeOwner owner, long nowNs) {
        this.slot = slot;
        this.store = store;
        this.owner = owner;
        this.silentSinceNs = nowNs;
    }

    long nowNs() {
        return owner.nowNs();
    }

    boolean isAttached() {
        return state == State.ATTACHED && connection == store.connection();
    }

    /** A slot that is not used is never attached, and nobody waits for it. */
    boolean isUsed() {
        return used;
    }

    /** Follows the map; returns whether anything changed. */
    boolean use(boolean nowUsed) {
        boolean changes = used != nowUsed;
        used = nowUsed;
        if (changes) {
            movedPages = null;
            detach();
            silentSinceNs = owner.nowNs();
        }
        return changes;
    }

    boolean isBehind() {
        return behindMark != NO_MARK;
    }

    long behindMark() {
        return behindMark;
    }

    /** A write may be acknowledged without this slot. */
    boolean mayMiss() {
        return isBehind() && proposedMark != behindMark;
    }

    /** Writes go to it now. */
    boolean takesWrites() {
        return isAttached() && (!mayMiss() || syncing);
    }

    /**
     * Whether writes to it leave no older version behind, since it is told no watermark under which
     * these could go. A slot that is about to vote keeps them: the older version may be the one
     * that is chosen, if the owner ends before such a write is everywhere. So does one whose older
     * version may be needed, since whoever else has it is not there.
     *
     * @param slots of the page that is written
     */
    boolean dropsVersions(int[] slots) {
        return mayMiss() && !compared && owner.links().areSound(slots);
    }

    /** Its fragments are known to be current. */
    boolean isReadable() {
        return isTrusted() && !isBehind();
    }

    boolean isTrusted() {
        return trusted && isAttached();
    }

    /** In sync, and there, and it knows what it has and does what it is told. */
    boolean isSound() {
        return isReadable() && !forgetful && failingSinceNs == SOUND;
    }

    /**
     * In sync, and has been away, or failed what it was told to keep, for so long that those who
     * know what it knows go on without it.
     *
     * @param leasedNs for how long the owner has had its lease without a break: before that it was
     *     itself cut off
     */
    boolean isGone(long nowNs, long leasedNs) {
        if (!used || isBehind()) {
            return false;
        }
        long failingNs = failingSinceNs == SOUND ? 0 : nowNs - failingSinceNs;
        long goneNs = isAttached() ? failingNs : awayNs(nowNs);
        return Math.min(goneNs, leasedNs) > GONE_PATIENCE * owner.silentStoreNs();
    }

    /**
     * Since it attached it has been seen to hold all that it should: what it has not, it never had.
     * One whose catch-up has ended and been proposed so has not, when it attaches anew before the
     * map says so.
     */
    boolean holdsWhatItHeld() {
        return isBehind() ? compared && isAttached() : isTrusted();
    }

    /** What it holds has been compared with what is known to be everywhere. */
    void trust() {
        trusted = true;
        movedPages = null;
        owner.links().changed();
    }

    /** More is known to be everywhere than it has been compared with. */
    void distrust() {
        if (trusted) {
            trusted = false;
            owner.links().changed();
        }
    }

    /**
     * These pages are here by the map from now on, and were copied over that association. One that
     * has attached anew meanwhile, or does so before it has answered once more, may have come back
     * without them, and its watermark would not tell.
     */
    void movedHere(PageRange pages, long over) {
        if (movedPages == null) {
            movedPages = pages;
            movedOver = over;
        } else {
            movedPages = movedPages.spanning(pages);
        }
        movedNs = owner.nowNs();
        if (owedPages() != null) {
            distrust();
        }
    }

    /** Pages that are to be compared from their first version on; null: none. */
    @Nullable PageRange owedPages() {
        return movedOver == association ? null : movedPages;
    }

    /** It has yet to answer after the map has shown that pages are here. */
    private boolean owesAnswer() {
        return movedPages != null && movedOver == association && !isBehind();
    }

    /** It has lost what it had acknowledged: from now on nothing it holds is taken for granted. */
    void convict(String reason) {
        conviction = reason;
        owner.links().changed();
        owner.proposeBehind(this, reason);
    }

    boolean isConvicted() {
        return conviction != null;
    }

    /** Which association this is; another number each time it attaches. */
    long association() {
        return association;
    }

    boolean isForgetful() {
        return forgetful;
    }

    int outstanding() {
        return outstanding;
    }

    /** How long reads of hosts take here. */
    ReadTimes readTimes() {
        return readTimes;
    }

    /** When it last answered well; just now, for whoever is told of such an answer. */
    long heardNs() {
        return silentSinceNs;
    }

    /**
     * It has all that it should, over this association. Until the map says so it may attach anew,
     * rolled back: what its watermark would not tell then it owes.
     *
     * @param fromTheBeginning its watermark tells nothing of what it lacked
     */
    void proposedInSync(boolean fromTheBeginning) {
        proposedMark = behindMark;
        movedPages = fromTheBeginning ? PageRange.ALL : movedPages;
        movedOver = association;
    }

    boolean isInSyncProposed() {
        return isBehind() && proposedMark == behindMark;
    }

    /** Follows the map; returns whether anything changed. */
    boolean mark(long newMark, long nowNs) {
        if (newMark == behindMark) {
            return false;
        }
        trusted = newMark == NO_MARK && compared && isAttached();
        movedNs = nowNs;
        behindMark = newMark;
        failingSinceNs = SOUND;
        proposedMark = NO_MARK;
        forgetful &= newMark != NO_MARK || !compared;
        syncing = false;
        compared = false;
        if (newMark == NO_MARK) {
            conviction = null;
            silentSinceNs = nowNs;
        } else {
            detach(); // a new association fences what is still on its way, before the slot is
            // compared
        }
        return true;
    }

    /** Sends a command of an operation; the operation reports its end through {@link #answered}. */
    void submit(FragmentRequest request) {
        assert isAttached();
        request.epoch = owner.epoch();
        sentWatermark = watermarkToSend();
        request.watermark = sentWatermark;
        sentAllInSync = owner.links().allInSync();
        request.allInSync = sentAllInSync;
        request.sentNs = owner.nowNs();
        if (outstanding++ == 0) {
            silentSinceNs = request.sentNs;
            boundaryNs = request.sentNs;
            stuckSinceNs = request.sentNs;
        }
        if (request.sentNs - boundaryNs <= 0) {
            outstandingOld++;
        }
        store.submit(request);
    }

    /**
     * A command ended. An error of the connection detaches; the operation keeps its location
     * pending.
     */
    void answered(FragmentRequest request, IoStatus status) {
        outstanding--;
        if (request.sentNs - boundaryNs <= 0 && --outstandingOld == 0) {
            moveBoundary(owner.nowNs());
        }
        switch (status) {
            case DISCONNECTED, NOT_SERVING, FENCED -> detach();
            case MEDIA_ERROR, INVALID -> failed(status);
            case OK -> {
                silentSinceNs = owner.nowNs();
                if (owesAnswer() && request.sentNs - movedNs > 0) {
                    movedPages = null;
                }
                if (isKept(request.op)) {
                    failingSinceNs = SOUND;
                }
            }
            default -> {
                silentSinceNs = owner.nowNs();
                owner.retryLater();
            }
        }
    }

    /** What no store acknowledges whose device has failed. */
    private static boolean isKept(FragmentOp op) {
        return switch (op) {
            case WRITE, UNMAP, REPLACE, COMMIT -> true;
            case ATTACH, READ, READ_AT, FREE, LIST, DELETE -> false;
        };
    }

    private void moveBoundary(long nowNs) {
        boundaryNs = nowNs;
        stuckSinceNs = nowNs;
        outstandingOld = outstanding;
    }

    /** The device of a slot that is behind anyway fails commands: it is not asked all the time. */
    private void failed(IoStatus status) {
        if (mayMiss()) {
            rest(FAILED_STORE_REST_NS);
        } else {
            if (failingSinceNs == SOUND) {
                failingSinceNs = owner.nowNs();
            }
            owner.proposeBehind(this, "the store failed a command: " + status);
        }
    }

    void detach() {
        if (state != State.DETACHED) {
            if (!isBehind()) {
                countBreak(owner.nowNs());
            }
            state = State.DETACHED;
            trusted = false;
            syncing = false;
            compared = false;
            silentSinceNs = owner.nowNs();
            retryAtNs = owner.nowNs() + 20_000_000L;
            owner.links().changed();
        }
    }

    /** It has no room for what it is to get. */
    void restFull() {
        rest(FULL_STORE_REST_NS);
    }

    /** Leaves the store alone for a while; it is behind, and need not be there. */
    private void rest(long ns) {
        detach();
        retryAtNs = owner.nowNs() + ns;
    }

    private void countBreak(long nowNs) {
        if (nowNs - lastBreakNs > owner.silentStoreNs()) {
            breaks = 0;
            firstBreakNs = nowNs;
        }
        breaks++;
        lastBreakNs = nowNs;
    }

    /**
     * The association has broken again and again, and never lasted: a command that needs longer
     * than it lasts would be sent for ever. One that has lasted for a while since the last break is
     * not marked for what was before: the next device that fails might be one too many then.
     */
    boolean isFlapping(long nowNs) {
        long quietNs = isAttached() ? owner.silentStoreNs() / 4 : owner.silentStoreNs();
        return breaks >= BREAKS_MAX
                && lastBreakNs - firstBreakNs > owner.silentStoreNs()
                && nowNs - lastBreakNs <= quietNs;
    }

    /**
     * The owner itself has stood still: what was not heard meanwhile is nobody's silence, and what
     * was not heard before still is.
     */
    void forgiveSilence(long pauseNs, long nowNs) {
        silentSinceNs = Math.min(silentSinceNs + pauseNs, nowNs);
        stuckSinceNs = Math.min(stuckSinceNs + pauseNs, nowNs);
    }

    /** For how long it has been away, 0 if it is there. */
    long awayNs(long nowNs) {
        return isAttached() ? 0 : nowNs - silentSinceNs;
    }

    /**
     * It is about to be something else than it is. A slot that is away and behind may be so for
     * hours: that it has come back is noticed a little later.
     */
    boolean needsTicks(long nowNs) {
        if (isAttached()) {
            return owesCommit() || owesAnswer() || !(isBehind() || isTrusted());
        }
        boolean gone = store.connection() == 0 && !attachInFlight;
        return !gone || !(mayMiss() || awayNs(nowNs) > GONE_NS);
    }

    /** How long it has not answered although it owes an answer; 0 when it owes none. */
    long silentNs(long nowNs) {
        return state == State.ATTACHED && outstanding == 0 ? 0 : nowNs - silentSinceNs;
    }

    /**
     * For how long there has been no way to it, 0 if there is one: whoever reaches it and is
     * refused, or not answered, is not cut off from it.
     */
    long cutOffNs(long nowNs) {
        return store.connection() != 0 ? 0 : silentNs(nowNs);
    }

    /** For how long at least some command has been in flight, whatever else it answers. */
    long stuckNs(long nowNs) {
        return outstanding == 0 ? 0 : nowNs - stuckSinceNs;
    }

    void tick(long nowNs, boolean mayCatchUp) {
        String lacks = conviction;
        if (lacks != null && !isBehind()) {
            owner.proposeBehind(this, lacks);
        }
        if (state != State.DETACHED && connection != store.connection()) {
            detach();
        }
        boolean wanted = used && (!isBehind() || mayCatchUp);
        // A behind store is attached anew only when nothing of ours is on its way to it any more.
        if (state == State.DETACHED
                && !attachInFlight
                && wanted
                && (outstanding == 0 || isStuck(nowNs))
                && nowNs >= retryAtNs
                && store.connection() != 0) {
            beginAttach();
        }
        boolean owes = state == State.ATTACHED && (owesCommit() || owesAnswer());
        if (owes && !commitInFlight) {
            sendCommit();
        }
    }

    /**
     * What was sent before waits for what only an attached owner tells the store, such as a newer
     * watermark: a new association ends it.
     */
    private boolean isStuck(long nowNs) {
        return silentNs(nowNs) > STUCK_NS;
    }

    /** The store does not know yet what is committed. */
    boolean owesCommit() {
        return state == State.ATTACHED
                && (sentWatermark != watermarkToSend()
                        || (owner.links().allInSync() && !sentAllInSync));
    }

    private long watermarkToSend() {
        // A store that is behind, or has not been compared yet, keeps its own watermark: it tells
        // the next owner from where to compare.
        return isBehind() || !trusted ? attachedWatermark : owner.watermark().committed();
    }

    private void beginAttach() {
        state = State.ATTACHING;
        attachInFlight = true;
        connection = store.connection();
        attach.op = FragmentOp.ATTACH;
        attach.address = DeviceAddress.of(owner.vuid(), 0);
        attach.count = 0;
        attach.fragmentBytes = owner.layout().fragmentBytes();
        attach.epoch = owner.epoch();
        attach.watermark = 0;
        attach.completion = this;
        store.submit(attach);
    }

    @Override
    public void complete(FragmentRequest request, IoStatus status, long result) {
        attachInFlight = false;
        if (state != State.ATTACHING || connection != store.connection()) {
            state = State.DETACHED;
            return;
        }
        if (status == IoStatus.OK) {
            state = State.ATTACHED;
            association++;
            readTimes.forget();
            trusted = false;
            failingSinceNs = SOUND;
            if (!isBehind()) {
                conviction = null; // whatever it was, it is another start of the store
            }
            forgetful = result == FragmentFormat.FORGETFUL;
            attachedWatermark = forgetful ? Version.NONE : result;
            sentWatermark = attachedWatermark;
            sentAllInSync = false;
            silentSinceNs = owner.nowNs();
            owner.links().changed();
        } else {
            state = State.DETACHED;
            retryAtNs =
                    owner.nowNs()
                            + (status == IoStatus.MEDIA_ERROR ? FAILED_STORE_REST_NS : 50_000_000L);
            if (status == IoStatus.FENCED) {
                owner.fenced();
            }
        }
    }

    private void sendCommit() {
        commitInFlight = true;
        commit.op = FragmentOp.COMMIT;
        commit.address = DeviceAddress.of(owner.vuid(), 0);
        commit.count = 0;
        commit.fragmentBytes = owner.layout().fragmentBytes();
        commit.completion = committed;
        submit(commit);
    }

    private void onCommitted(FragmentRequest request, IoStatus status, long result) {
        commitInFlight = false;
        answered(request, status);
    }
}
