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
final class StoreLink implements Association.Listener {
    static final long NO_MARK = -1;
    private static final long STUCK_NS = 2_000_000_000L;
    private static final long GONE_NS = 10_000_000_000L;
    private static final long SOUND = Long.MIN_VALUE;

    /** As with a node that counts as down: see {@link #isGone}. */
    private static final int GONE_PATIENCE = 4;

    private static final long REATTACH_NS = 20_000_000L;
    private static final long REFUSED_REST_NS = 50_000_000L;
    private static final long FAILED_STORE_REST_NS = 1_000_000_000L;
    private static final long FULL_STORE_REST_NS = 5_000_000_000L;

    final int slot;
    private final FragmentStore store;
    private final VolumeOwner owner;
    private final Association association;
    private final SilenceWatch watch;
    private final FlapDetector flaps;
    private final MovedPages moved = new MovedPages();
    private final FragmentRequest commit = new FragmentRequest();
    private final FragmentRequest.Completion committed = this::onCommitted;
    private boolean commitInFlight;

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
        this.association = new Association(store, this);
        this.watch = new SilenceWatch(nowNs);
        this.flaps = new FlapDetector(owner.silentStoreNs());
    }

    long nowNs() {
        return owner.nowNs();
    }

    boolean isAttached() {
        return association.isAttached();
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
            moved.forget();
            detach();
            watch.heard(owner.nowNs());
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
        moved.forget();
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
        moved.add(pages, over, owner.nowNs());
        if (owedPages() != null) {
            distrust();
        }
    }

    /** Pages that are to be compared from their first version on; null: none. */
    @Nullable PageRange owedPages() {
        return moved.owed(association.number());
    }

    /** It has yet to answer after the map has shown that pages are here. */
    private boolean owesAnswer() {
        return !isBehind() && moved.awaitAnswer(association.number());
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
        return association.number();
    }

    boolean isForgetful() {
        return forgetful;
    }

    int outstanding() {
        return watch.outstanding();
    }

    /** How long reads of hosts take here. */
    ReadTimes readTimes() {
        return readTimes;
    }

    /** When it last answered well; just now, for whoever is told of such an answer. */
    long heardNs() {
        return watch.heardNs();
    }

    /**
     * It has all that it should, over this association. Until the map says so it may attach anew,
     * rolled back: what its watermark would not tell then it owes.
     *
     * @param fromTheBeginning its watermark tells nothing of what it lacked
     */
    void proposedInSync(boolean fromTheBeginning) {
        proposedMark = behindMark;
        moved.over(association.number(), fromTheBeginning);
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
        moved.shown(nowNs);
        behindMark = newMark;
        failingSinceNs = SOUND;
        proposedMark = NO_MARK;
        forgetful &= newMark != NO_MARK || !compared;
        syncing = false;
        compared = false;
        if (newMark == NO_MARK) {
            conviction = null;
            watch.heard(nowNs);
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
        watch.sent(request.sentNs);
        store.submit(request);
    }

    /**
     * A command ended. An error of the connection detaches; the operation keeps its location
     * pending.
     */
    void answered(FragmentRequest request, IoStatus status) {
        long nowNs = owner.nowNs();
        watch.ended(request.sentNs, nowNs);
        switch (status) {
            case DISCONNECTED, NOT_SERVING, FENCED -> detach();
            case MEDIA_ERROR, INVALID -> failed(status);
            case OK -> {
                watch.heard(nowNs);
                if (owesAnswer()) {
                    moved.answered(request.sentNs);
                }
                if (isKept(request.op)) {
                    failingSinceNs = SOUND;
                }
            }
            default -> {
                watch.heard(nowNs);
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
        if (association.isBegun()) {
            if (!isBehind()) {
                flaps.onBreak(owner.nowNs());
            }
            association.end(owner.nowNs() + REATTACH_NS);
            trusted = false;
            syncing = false;
            compared = false;
            watch.heard(owner.nowNs());
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
        association.restUntil(owner.nowNs() + ns);
    }

    /**
     * The association has broken again and again, and never lasted: a command that needs longer
     * than it lasts would be sent for ever. One that has lasted for a while since the last break is
     * not marked for what was before: the next device that fails might be one too many then.
     */
    boolean isFlapping(long nowNs) {
        return flaps.isFlapping(nowNs, isAttached());
    }

    /**
     * The owner itself has stood still: what was not heard meanwhile is nobody's silence, and what
     * was not heard before still is.
     */
    void forgiveSilence(long pauseNs, long nowNs) {
        watch.forgive(pauseNs, nowNs);
    }

    /** For how long it has been away, 0 if it is there. */
    long awayNs(long nowNs) {
        return isAttached() ? 0 : nowNs - watch.heardNs();
    }

    /**
     * It is about to be something else than it is. A slot that is away and behind may be so for
     * hours: that it has come back is noticed a little later.
     */
    boolean needsTicks(long nowNs) {
        if (isAttached()) {
            return owesCommit() || owesAnswer() || !(isBehind() || isTrusted());
        }
        return !association.isAway() || !(mayMiss() || awayNs(nowNs) > GONE_NS);
    }

    /** How long it has not answered although it owes an answer; 0 when it owes none. */
    long silentNs(long nowNs) {
        return association.isMade() && watch.outstanding() == 0 ? 0 : nowNs - watch.heardNs();
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
        return watch.stuckNs(nowNs);
    }

    void tick(long nowNs, boolean mayCatchUp) {
        String lacks = conviction;
        if (lacks != null && !isBehind()) {
            owner.proposeBehind(this, lacks);
        }
        if (association.isBroken()) {
            detach();
        }
        boolean wanted = used && (!isBehind() || mayCatchUp);
        // A behind store is attached anew only when nothing of ours is on its way to it any more.
        if (wanted && association.mayBegin(nowNs) && (watch.outstanding() == 0 || isStuck(nowNs))) {
            association.begin(owner.vuid(), owner.layout().fragmentBytes(), owner.epoch());
        }
        boolean owes = association.isMade() && (owesCommit() || owesAnswer());
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
        return association.isMade()
                && (sentWatermark != watermarkToSend()
                        || (owner.links().allInSync() && !sentAllInSync));
    }

    private long watermarkToSend() {
        // A store that is behind, or has not been compared yet, keeps its own watermark: it tells
        // the next owner from where to compare.
        return isBehind() || !trusted ? attachedWatermark : owner.watermark().committed();
    }

    @Override
    public void onAttached(long result) {
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
        watch.heard(owner.nowNs());
        owner.links().changed();
    }

    @Override
    public void onRefused(IoStatus status) {
        long restNs = status == IoStatus.MEDIA_ERROR ? FAILED_STORE_REST_NS : REFUSED_REST_NS;
        association.restUntil(owner.nowNs() + restNs);
        if (status == IoStatus.FENCED) {
            owner.fenced();
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
