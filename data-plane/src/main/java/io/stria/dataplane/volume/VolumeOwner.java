package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.runtime.Clock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Serves one volume at one volume epoch, on one reactor: orders its writes, codes and spreads them,
 * reads them back, takes over from the owner before it, and brings returned stores up to date. A
 * new epoch is a new owner; this one is stopped and never serves again.
 *
 * <p>The promise: a write is acknowledged when it is durable on every location whose slot the
 * cluster map does not list as behind, and at most two of its locations are behind.
 */
public final class VolumeOwner {
    private static final System.Logger LOG = System.getLogger(VolumeOwner.class.getName());

    /** Hears of the owner's life, on its reactor. */
    public interface Listener {
        /** The take-over is complete; IO is served from now on. */
        void onServing(VolumeOwner owner);

        /** A newer owner has taken the stores; this one has stopped. */
        void onFenced(VolumeOwner owner);
    }

    private enum State {
        TAKING_OVER,
        SERVING,
        STOPPED
    }

    private static final long TICK_NS = 10_000_000L;
    private static final long IDLE_TICK_NS = 100_000_000L;

    /** One command may take so many times as long as a store may be silent. */
    private static final int COMMAND_PATIENCE = 2;

    /**
     * After so many times as long as a store may be silent its node would count as down, if it were
     * that: whoever is not reached still is there, and others may reach it.
     */
    private static final int WAY_PATIENCE = 4;

    private final StripeLayout layout;
    private final StripeCodec codec;
    private final PageLocations.ByList placement;
    private final PageLocations locations = this::locatePage;
    private SlotStores slotStores;
    private Placing placing;
    private PageLocations from;
    private PageLocations to;
    private final OwnerConfig config;
    private final Clock clock;
    private final BooleanSupplier lease;
    private final MapProposals proposals;
    private final Listener listener;
    private final int epoch;
    private final long sizeBlocks;
    private final Watermark watermark;
    private final RangeLocks locks = new RangeLocks();
    private final List<StoreLink> links = new ArrayList<>();
    private final OpPools ops;
    private final Hedges hedges;
    private final ArrayDeque<HostIo> idleIos = new ArrayDeque<>();
    private final List<HostIo> activeIos = new ArrayList<>();
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();
    private final List<StripeOp> kicked = new ArrayList<>();
    private final TakeOver takeOver;
    private final CopyBudget copyBudget;
    private final Maintenance maintenance;
    private State state = State.TAKING_OVER;
    private boolean noneBehind;
    private boolean noneForgetful = true;
    private boolean trustedAtLastChange;
    private boolean submitting;
    private boolean linksChanged;
    private boolean retry;
    private long nextTickNs;
    private long lastTickNs;

    private long nextCutOffNs;

    /** An answer that must not be given from within submit. */
    private record Answer(IoRequest request, IoStatus status) {}

    /**
     * @param stores how the slots of the cluster map are reached
     * @param copyBudget of all owners on this reactor
     */
    public VolumeOwner(
            VolumeEntry volume,
            int pageShift,
            SlotStores stores,
            PageLocations.ByList placement,
            OwnerConfig config,
            CopyBudget copyBudget,
            Clock clock,
            BooleanSupplier lease,
            MapProposals proposals,
            Listener listener) {
        this.layout = new StripeLayout(volume.vuid(), volume.scheme(), pageShift);
        this.codec = new StripeCodec(layout);
        this.placement = placement;
        this.slotStores = stores;
        this.placing = volume.placing();
        this.from = placement.on(placing.from());
        this.to = placement.on(placing.to());
        this.config = config;
        this.copyBudget = copyBudget;
        this.clock = clock;
        this.lease = lease;
        this.proposals = proposals;
        this.listener = listener;
        this.epoch = volume.epoch();
        this.sizeBlocks = volume.sizeBytes() / io.stria.dataplane.device.BlockDevice.BLOCK_BYTES;
        this.watermark = new Watermark(epoch);
        this.nextTickNs = clock.nowNs();
        this.lastTickNs = nextTickNs;
        this.nextCutOffNs = nextTickNs;
        this.ops = new OpPools(this, config.opsMax());
        this.hedges = new Hedges(config.hedges(), links);
        this.takeOver = new TakeOver(this);
        this.maintenance = new Maintenance(this, config.scrubEveryNs());
        onMap(volume, stores);
    }

    /**
     * Follows the map: which slots there are, which are behind, and where pages are. The epoch is
     * this owner's.
     */
    public void onMap(VolumeEntry volume, SlotStores stores) {
        assert volume.epoch() == epoch && volume.vuid() == layout.vuid();
        for (int slot = links.size(); slot < stores.slots(); slot++) {
            links.add(new StoreLink(slot, stores.store(slot), this, nowNs()));
        }
        follow(volume.placing());
        noneBehind = volume.behind().isEmpty();
        slotStores = stores;
        followUse();
        for (StoreLink link : links) {
            Long mark = volume.behind().get(link.slot);
            if (link.mark(mark == null ? StoreLink.NO_MARK : mark, nowNs())) {
                linksChanged();
            }
        }
    }

    /** Slots that the map does not use any more may still be needed for a while. */
    void followUse() {
        for (StoreLink link : links) {
            boolean used = placing.uses(link.slot) || maintenance.uses(link.slot);
            if (link.use(used && !slotStores.isLost(link.slot))) {
                linksChanged();
            }
        }
    }

    private void follow(Placing newer) {
        if (newer.equals(placing)) {
            return;
        }
        if (!newer.from().equals(placing.from()) || !newer.to().equals(placing.to())) {
            from = placement.on(newer.from());
            to = placement.on(newer.to());
        }
        placing = newer;
        maintenance.onPlaced(newer);
    }

    void locatePage(long page, int[] slots) {
        (page < placing.cursor() ? to : from).locate(page, slots);
    }

    boolean isStopped() {
        return state == State.STOPPED;
    }

    public int epoch() {
        return epoch;
    }

    public int vuid() {
        return layout.vuid();
    }

    public boolean isServing() {
        return state == State.SERVING;
    }

    /** Whether it may still have something to ask of the slot's device. */
    public boolean uses(int slot) {
        return slot < links.size() && links.get(slot).isUsed();
    }

    /** What the owner is doing, for people. */
    public String progress() {
        String distrust = allTrusted() ? "" : ", " + maintenance.comparison();
        return switch (state) {
            case TAKING_OVER -> "taking over: " + takeOver + distrust;
            case SERVING -> "serving" + distrust + maintenance;
            case STOPPED -> "stopped";
        };
    }

    /** Blocks made equal on returned stores by the catch-up that runs, 0 if none does. */
    public long blocksCaughtUp() {
        return maintenance.blocksCaughtUp();
    }

    /** Bytes of fragments written to the places that chunks moved to, since this owner began. */
    public long bytesMoved() {
        return maintenance.bytesMoved();
    }

    /**
     * Begins to compare all fragments of the volume now, and not when it is due; goes on with that
     * if it does so already.
     */
    public void scrubNow() {
        maintenance.scrubber().beginNow();
    }

    /** Blocks of which scrubs have compared all fragments, since this owner began. */
    public long blocksScrubbed() {
        return maintenance.scrubber().verified();
    }

    public ScrubFigures scrubFigures() {
        return maintenance.scrubber().figures();
    }

    public HedgeFigures hedgeFigures() {
        return hedges.figures();
    }

    /**
     * When a read has waited for so long that {@link #poll} asks other stores as well; {@code
     * Long.MAX_VALUE} if none waits.
     */
    public long nextHedgeNs() {
        return state == State.SERVING ? hedges.nextDeadlineNs() : Long.MAX_VALUE;
    }

    /** Fragments that scrubs found wrong or missing. */
    public long scrubFaults() {
        return maintenance.scrubber().faults();
    }

    /** Fragments that reads found wrong or missing, and that were written again. */
    public long readRepairs() {
        return maintenance.repairs().repaired();
    }

    /** Chunks that scrubs found where they did not belong, and freed. */
    public long straysFreed() {
        return maintenance.scrubber().freed();
    }

    /** Scrubs that have come to their end. */
    public long scrubs() {
        return maintenance.scrubber().passes();
    }

    public void submit(IoRequest request) {
        if (state != State.SERVING || !lease.getAsBoolean()) {
            answers.add(new Answer(request, IoStatus.NOT_SERVING));
        } else if (request.op() == IoOp.FLUSH) {
            answers.add(new Answer(request, IoStatus.OK)); // every acknowledged write is durable
        } else if (request.block() < 0
                || request.blocks() < 0
                || request.block() > sizeBlocks - request.blocks()) {
            answers.add(new Answer(request, IoStatus.OUT_OF_RANGE));
        } else if (request.blocks() == 0) {
            answers.add(new Answer(request, IoStatus.OK));
        } else {
            HostIo io = idleIos.isEmpty() ? new HostIo(this) : idleIos.removeLast();
            activeIos.add(io);
            maintenance.onHostIo();
            submitting = true;
            io.begin(request, nowNs(), config.hostWaitNs());
            submitting = false;
        }
    }

    /** Stops for good: hosts are told to use another path, and nothing new is sent to stores. */
    public void stop() {
        if (state == State.STOPPED) {
            return;
        }
        state = State.STOPPED;
        maintenance.stop();
        sendHostsAway();
        poll(nowNs());
    }

    /** Gives answers that wait, follows changed links, and does what is due. */
    public int poll(long nowNs) {
        int work = answers.size();
        for (int i = 0; i < work; i++) {
            Answer answer = answers.remove();
            answer.request().complete(answer.status());
        }
        if (state == State.STOPPED) {
            return work;
        }
        if (linksChanged) {
            linksChanged = false;
            followLinks();
            work++;
        }
        if (nowNs - nextTickNs >= 0) {
            tick(nowNs);
        }
        maintenance.comparison().advance();
        if (state == State.TAKING_OVER) {
            takeOver.advance();
            if (takeOver.isDone()) {
                beginServing();
                work++;
            }
        } else {
            work += hedges.poll(nowNs);
            maintenance.advance();
        }
        return work;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    public long nextDeadlineNs() {
        if (!answers.isEmpty()) {
            return Long.MIN_VALUE;
        }
        if (state == State.STOPPED) {
            return Long.MAX_VALUE;
        }
        if (linksChanged) {
            return Long.MIN_VALUE;
        }
        return Math.min(Math.min(nextTickNs, nextHedgeNs()), maintenance.nextDeadlineNs());
    }

    private void beginServing() {
        state = State.SERVING;
        watermark.open();
        listener.onServing(this);
        proposals.serving(vuid(), epoch);
    }

    private void tick(long nowNs) {
        if (nowNs - nextTickNs > config.silentStoreNs() / 4) {
            links.forEach(link -> link.forgiveSilence(nowNs));
        }
        boolean busy = retry;
        boolean cutOff = false;
        for (StoreLink link : links) {
            link.tick(nowNs, state == State.SERVING && maintenance.mayCatchUp(link));
            if (link.isUsed()) {
                busy |= link.needsTicks(nowNs);
                watch(link, nowNs);
                cutOff |= isCutOff(link, nowNs);
            }
        }
        if (cutOff && lease.getAsBoolean() && nowNs - nextCutOffNs >= 0) {
            nextCutOffNs = nowNs + config.proposalRepeatNs();
            proposals.cutOff(vuid(), epoch);
        }
        if (retry) {
            retry = false;
            takeOver.retry();
            retryUnread();
            followLinks();
        }
        if (!lease.getAsBoolean()) {
            sendHostsAway(); // another owner may serve soon, and this one hears of it last
        }
        failOverdueIos(nowNs);
        if (state == State.SERVING) {
            maintenance.tend(nowNs);
        }
        busy |= retry || state != State.SERVING || !activeIos.isEmpty() || maintenance.isBusy();
        lastTickNs = nowNs;
        nextTickNs = nowNs + (busy ? TICK_NS : IDLE_TICK_NS);
    }

    /**
     * No block waits for ever for a store that is silent, or hangs one command and answers others.
     */
    private void watch(StoreLink link, long nowNs) {
        boolean stuck = link.stuckNs(nowNs) > COMMAND_PATIENCE * config.silentStoreNs();
        if (link.mayMiss()) {
            if (stuck && link.syncing) {
                link.detach(); // it no longer gets the writes, which need not wait for it
            }
        } else if (link.silentNs(nowNs) > config.silentStoreNs()) {
            proposeBehind(link, "it does not answer");
        } else if (stuck) {
            proposeBehind(link, "it does not answer a command, though it does others");
        } else if (link.isFlapping(nowNs)) {
            proposeBehind(link, "its connection breaks again and again");
        } else if (link.isForgetful() && !link.isBehind() && link.isAttached()) {
            proposeBehind(link, "it has page headers that cannot be read");
        }
    }

    /** Writes wait for it, since no more slots may be behind, and there is no way to it. */
    private boolean isCutOff(StoreLink link, long nowNs) {
        return link.cutOffNs(nowNs) > WAY_PATIENCE * config.silentStoreNs()
                && !link.mayMiss()
                && placing.uses(link.slot);
    }

    /** Hosts use another path; writes that were begun go on without them. */
    private void sendHostsAway() {
        while (!activeIos.isEmpty()) {
            activeIos.getLast().fail(IoStatus.NOT_SERVING);
        }
    }

    private void failOverdueIos(long nowNs) {
        for (int i = activeIos.size() - 1; i >= 0; i--) {
            if (i < activeIos.size() && activeIos.get(i).isOverdue(nowNs)) {
                activeIos.get(i).fail(IoStatus.UNAVAILABLE);
            }
        }
    }

    // What operations, take-over and catch-up need of their owner; all on its thread.

    long nowNs() {
        return clock.nowNs();
    }

    StripeLayout layout() {
        return layout;
    }

    StripeCodec codec() {
        return codec;
    }

    RangeLocks locks() {
        return locks;
    }

    List<StoreLink> links() {
        return links;
    }

    StoreLink link(int slot) {
        return links.get(slot);
    }

    /** The map names no slot as behind. */
    boolean noneBehind() {
        return noneBehind;
    }

    /**
     * No slot is behind, so stores may forget tombstones. Otherwise what says that a block was
     * unmapped while a slot was away must stay, for that slot to be told.
     */
    boolean allInSync() {
        return noneBehind && noneForgetful && trustedAtLastChange;
    }

    /** All slots that the map lists as in sync are attached and have been compared. */
    boolean allTrusted() {
        for (int i = 0; i < links.size(); i++) {
            StoreLink link = links.get(i);
            if (link.isUsed() && !link.isBehind() && !link.isTrusted()) {
                return false;
            }
        }
        return true;
    }

    /** All slots that the map lists as in sync are there, have been compared, and are well. */
    boolean allSound() {
        for (int i = 0; i < links.size(); i++) {
            StoreLink link = links.get(i);
            if (link.isUsed() && !link.isBehind() && !link.isSound()) {
                return false;
            }
        }
        return true;
    }

    /**
     * All are sound but some that have been gone for long, so few that each page has a location
     * that is: two of it may be behind, and one of these is the one that is to be caught up. A
     * sound location knows of every write that has ended.
     */
    boolean enoughAreSound() {
        long nowNs = nowNs();
        int gone = 0;
        for (int i = 0; i < links.size(); i++) {
            StoreLink link = links.get(i);
            if (link.isUsed() && !link.isBehind() && !link.isSound()) {
                if (!link.isGone(nowNs)) {
                    return false;
                }
                gone++;
            }
        }
        return gone < layout.dataFragments();
    }

    boolean allInSyncAttached() {
        for (StoreLink link : links) {
            if (link.isUsed() && !link.isBehind() && !link.isAttached()) {
                return false;
            }
        }
        return true;
    }

    long nextVersion() {
        return watermark.nextVersion();
    }

    /** The device is lost for good: whatever it held has to be rebuilt. */
    boolean isLost(int slot) {
        return slotStores.isLost(slot);
    }

    CopyBudget copyBudget() {
        return copyBudget;
    }

    Movement newMovement() {
        return new Movement(this, from, to);
    }

    Placing placing() {
        return placing;
    }

    PageLocations locations() {
        return locations;
    }

    long pages() {
        return (sizeBlocks - 1) / layout.blocksPerPage() + 1;
    }

    void moved(long bytes) {
        maintenance.moved(bytes);
    }

    void proposeMoved(long toPage, java.util.SortedSet<Integer> without) {
        if (lease.getAsBoolean()) {
            proposals.movePages(vuid(), epoch, placing.since(), placing.cursor(), toPage, without);
        }
    }

    int windowPages() {
        return config.windowPages();
    }

    long proposalRepeatNs() {
        return config.proposalRepeatNs();
    }

    /** A write or unmap is everywhere where it has to be; its lock is still held. */
    void written(WriteOp op) {
        maintenance.onWritten(op);
    }

    /** The version from which on a slot that is behind is compared. */
    long comparedFrom(StoreLink link) {
        return placing.missed().contains(link.slot) || link.isConvicted()
                ? Version.NONE
                : link.attachedWatermark;
    }

    void finished(long version) {
        watermark.finished(version);
        wakeSoon();
    }

    long committedWatermark() {
        return watermark.committed();
    }

    /** Takes the highest watermark that any store in sync has reported. */
    void inheritWatermarks() {
        for (StoreLink link : links) {
            if (link.isAttached() && !link.isBehind()) {
                watermark.inherit(link.attachedWatermark);
            }
        }
    }

    /** Whether the version is known to be on all its locations. */
    boolean isFinished(long version) {
        return watermark.isFinished(version);
    }

    /** No version above it is known to be on all its locations. */
    long newestFinished() {
        return watermark.newest();
    }

    /** A slot has been told that the newest version of the block was there and is bad. */
    void tellLost(long block) {
        LOG.log(
                System.Logger.Level.ERROR,
                "block {0} of volume {1} is lost: nobody can read it",
                block,
                vuid());
    }

    long inheritedWatermark() {
        return watermark.inherited();
    }

    long silentStoreNs() {
        return config.silentStoreNs();
    }

    void linksChanged() {
        linksChanged = true;
        noneForgetful = true;
        for (int i = 0; i < links.size(); i++) {
            StoreLink link = links.get(i);
            noneForgetful &= !(link.isUsed() && link.isForgetful());
        }
        trustedAtLastChange = allTrusted();
    }

    void followLinksSoon() {
        linksChanged = true;
    }

    void retryLater() {
        retry = true;
        wakeSoon();
    }

    void proposeBehind(StoreLink link, String reason) {
        long nowNs = nowNs();
        if (!link.mayMiss()
                && lease.getAsBoolean()
                && nowNs - link.lastProposalNs >= config.proposalRepeatNs()) {
            link.lastProposalNs = nowNs;
            proposals.markBehind(vuid(), epoch, link.slot, reason);
        }
        retryLater();
    }

    void proposeInSync(StoreLink link, long nowNs) {
        if (lease.getAsBoolean() && nowNs - link.lastProposalNs >= config.proposalRepeatNs()) {
            link.lastProposalNs = nowNs;
            proposals.markInSync(vuid(), epoch, link.slot, link.behindMark());
        }
    }

    void fenced(StoreLink link) {
        stop();
        listener.onFenced(this);
    }

    void suspect(long block, int[] slots, int chunks) {
        maintenance.repairs().add(block, slots, chunks);
    }

    MemorySegment newBuffer(int bytes) {
        return Arena.ofAuto().allocate(bytes, 8);
    }

    long sizeBlocks() {
        return sizeBlocks;
    }

    void range(StripeOp op, long block, int count) {
        op.range(layout, locations, block, count);
    }

    void locate(long block, int[] slots) {
        locatePage(layout.page(block), slots);
    }

    /**
     * How many of the blocks one operation takes: to the end of the page, and no more than its
     * buffers hold.
     */
    int pieceBlocks(long block, long blocks, IoOp kind) {
        int toPageEnd = layout.blocksPerPage() - layout.indexInPage(block);
        int max = kind == IoOp.UNMAP ? toPageEnd : Math.min(toPageEnd, StripeOp.BLOCKS_MAX);
        return (int) Math.min(max, blocks);
    }

    int pieceBlocks(long block, long blocks) {
        return pieceBlocks(block, blocks, IoOp.READ);
    }

    OpPools ops() {
        return ops;
    }

    Hedges hedges() {
        return hedges;
    }

    void answered(HostIo io, IoRequest request, IoStatus status) {
        activeIos.remove(io);
        ops.withdraw(io);
        if (status == IoStatus.OK) {
            maintenance.onHostIo();
        }
        idleIos.add(io);
        // Without a lease another owner may serve already: what was done here is true, but no
        // longer ours to say.
        IoStatus said =
                status == IoStatus.OK && !lease.getAsBoolean() ? IoStatus.NOT_SERVING : status;
        if (submitting) {
            answers.add(new Answer(request, said));
        } else {
            request.complete(said);
        }
    }

    private void wakeSoon() {
        if (nextTickNs - lastTickNs <= TICK_NS) {
            return; // the clock need not be asked
        }
        long soonNs = nowNs() + TICK_NS;
        if (nextTickNs - soonNs > 0) {
            nextTickNs = soonNs;
        }
    }

    private void followLinks() {
        locks.copyHeld(kicked);
        for (int i = 0; i < kicked.size(); i++) {
            kicked.get(i).onLinksChanged();
        }
        kicked.clear();
        maintenance.comparison().onLinksChanged();
        takeOver.onLinksChanged();
        maintenance.onLinksChanged();
    }

    private void retryUnread() {
        locks.copyHeld(kicked);
        for (int i = 0; i < kicked.size(); i++) {
            if (kicked.get(i) instanceof ReadOp read) {
                read.retry();
            } else if (kicked.get(i) instanceof WriteOp write) {
                write.retry();
            }
        }
        kicked.clear();
    }
}
