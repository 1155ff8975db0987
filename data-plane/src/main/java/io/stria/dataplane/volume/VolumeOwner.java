package io.stria.dataplane.volume;

import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.IoRequest;
import io.stria.runtime.Clock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Serves one volume at one volume epoch, on one reactor: orders its writes, codes and spreads them,
 * reads them back, takes over from the owner before it, and brings returned stores up to date. A
 * new epoch is a new owner; this one is stopped and never serves again.
 *
 * <p>It ties its parts together, and says when each goes on: {@link HostRequests} and the
 * operations under {@link RangeLocks} that carry them out, {@link StoreLinks}, {@link VolumePages},
 * {@link TakeOver}, and {@link Maintenance}.
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

    private final StripeLayout layout;
    private final StripeCodec codec;
    private final VolumePages pages;
    private final OwnerConfig config;
    private final Clock clock;
    private final BooleanSupplier lease;
    private final OwnerProposals proposals;
    private final Listener listener;
    private final int epoch;
    private final Watermark watermark;
    private final RangeLocks locks = new RangeLocks();
    private final StoreLinks links;
    private final OpPools ops;
    private final Hedges hedges;
    private final List<StripeOp> kicked = new ArrayList<>();
    private final TakeOver takeOver;
    private final CopyBudget copyBudget;
    private final Maintenance maintenance;
    private final HostRequests hosts;
    private State state = State.TAKING_OVER;
    private boolean retry;
    private long nextTickNs;
    private long lastTickNs;

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
        this.pages = new VolumePages(volume, layout, placement);
        this.config = config;
        this.copyBudget = copyBudget;
        this.clock = clock;
        this.lease = lease;
        this.listener = listener;
        this.epoch = volume.epoch();
        this.watermark = new Watermark(epoch);
        this.nextTickNs = clock.nowNs();
        this.lastTickNs = nextTickNs;
        this.proposals =
                new OwnerProposals(
                        proposals,
                        lease,
                        volume.vuid(),
                        epoch,
                        config.proposalRepeatNs(),
                        nextTickNs);
        this.links = new StoreLinks(this, stores, this.proposals, config.silentStoreNs());
        this.ops = new OpPools(this, config.opsMax());
        this.hedges = new Hedges(config.hedges(), links);
        this.takeOver = new TakeOver(this);
        this.maintenance = new Maintenance(this, config.scrubEveryNs());
        this.hosts = new HostRequests(this, maintenance, lease, config.hostWaitNs());
        onMap(volume, stores);
    }

    /**
     * Follows the map: which slots there are, which are behind, and where pages are. The epoch is
     * this owner's.
     */
    public void onMap(VolumeEntry volume, SlotStores stores) {
        assert volume.epoch() == epoch && volume.vuid() == layout.vuid();
        if (pages.follow(volume.placing())) {
            maintenance.onPlaced(volume.placing());
        }
        links.onMap(volume, stores);
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
        return links.uses(slot);
    }

    /** What the owner is doing, for people. */
    public String progress() {
        String distrust = links.allTrusted() ? "" : ", " + maintenance.comparison();
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
     * Bytes of fragments per second that its chunks may move with beside hosts, at most; 0 if
     * nothing moves, or no host is there.
     */
    public long movementRate() {
        return maintenance.movementRate();
    }

    /**
     * Begins to compare all fragments of the volume now, and not when it is due; goes on with that
     * if it does so already.
     */
    public void scrubNow() {
        maintenance.scrubber().beginNow();
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

    /** Fragments that reads found wrong or missing, and that were written again. */
    public long readRepairs() {
        return maintenance.repairs().repaired();
    }

    /**
     * Fragments that scrubs found wrong, or reads did and that were written again, and that the
     * stores in sync which have them had taken for good: missing, of an older version, or not what
     * the other fragments say. What a store calls bad itself is not among them.
     */
    public long silentFaults() {
        return maintenance.scrubber().silentFaults() + maintenance.repairs().silentRepaired();
    }

    public void submit(IoRequest request) {
        hosts.submit(request);
    }

    /** Stops for good: hosts are told to use another path, and nothing new is sent to stores. */
    public void stop() {
        if (state == State.STOPPED) {
            return;
        }
        state = State.STOPPED;
        maintenance.stop();
        hosts.sendAway();
        poll(nowNs());
    }

    /** Gives answers that wait, follows changed links, and does what is due. */
    public int poll(long nowNs) {
        int work = hosts.giveAnswers();
        if (state == State.STOPPED) {
            return work;
        }
        if (links.takeChange()) {
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
        if (hosts.hasAnswers()) {
            return Long.MIN_VALUE;
        }
        if (state == State.STOPPED) {
            return Long.MAX_VALUE;
        }
        if (links.hasChanged()) {
            return Long.MIN_VALUE;
        }
        return Math.min(Math.min(nextTickNs, nextHedgeNs()), maintenance.nextDeadlineNs());
    }

    private void beginServing() {
        state = State.SERVING;
        watermark.open();
        listener.onServing(this);
        proposals.serving();
    }

    private void tick(long nowNs) {
        if (nowNs - nextTickNs > config.silentStoreNs() / 4) {
            links.forgiveSilence(nowNs - nextTickNs, nowNs);
        }
        boolean busy = retry;
        boolean leased = lease.getAsBoolean();
        busy |= links.tick(nowNs, leased);
        if (retry) {
            retry = false;
            takeOver.retry();
            retryUnread();
            followLinks();
        }
        if (!leased) {
            hosts.sendAway(); // another owner may serve soon, and this one hears of it last
        }
        hosts.failOverdue(nowNs);
        if (state == State.SERVING) {
            maintenance.tend(nowNs);
        }
        busy |= retry || state != State.SERVING || hosts.isBusy() || maintenance.isBusy();
        lastTickNs = nowNs;
        nextTickNs = nowNs + (busy ? TICK_NS : IDLE_TICK_NS);
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

    StoreLinks links() {
        return links;
    }

    /** The map, or something that is not done yet, needs the slot. */
    boolean needs(int slot) {
        return pages.placing().uses(slot) || maintenance.uses(slot);
    }

    /** Pages are copied to where they move, or the map has yet to show that they have. */
    boolean copiesPages() {
        return maintenance.copiesPages();
    }

    boolean mayCatchUp(StoreLink link) {
        return state == State.SERVING && maintenance.mayCatchUp(link);
    }

    CopyBudget copyBudget() {
        return copyBudget;
    }

    VolumePages pages() {
        return pages;
    }

    Watermark watermark() {
        return watermark;
    }

    void moved(long bytes) {
        maintenance.moved(bytes);
    }

    OwnerProposals proposals() {
        return proposals;
    }

    int windowPages() {
        return config.windowPages();
    }

    /** A write or unmap is everywhere where it has to be; its lock is still held. */
    void written(WriteOp op) {
        maintenance.onWritten(op);
    }

    void finished(long version) {
        watermark.finished(version);
        wakeSoon();
    }

    /**
     * Takes the highest watermark that any store in sync has reported. A store may report a higher
     * one when it attaches anew: what it had only heard has become durable. Before this owner
     * serves, those that were compared with a lower one have to be compared again: what they lack
     * is written again only as far as it was listed above the watermark.
     */
    void inheritWatermarks() {
        boolean rises = false;
        for (StoreLink link : links) {
            if (link.isAttached() && !link.isBehind()) {
                rises |= watermark.inherit(link.attachedWatermark);
            }
        }
        if (rises && state == State.TAKING_OVER) {
            links.distrustThoseThatLag(watermark.inherited());
        }
    }

    /** A slot has been told that the newest version of the block was there and is bad. */
    void tellLost(long block) {
        LOG.log(
                System.Logger.Level.ERROR,
                "block {0} of volume {1} is lost: nobody can read it",
                block,
                vuid());
    }

    long silentStoreNs() {
        return config.silentStoreNs();
    }

    void retryLater() {
        retry = true;
        wakeSoon();
    }

    void proposeBehind(StoreLink link, String reason) {
        proposals.behind(link, reason, nowNs());
        retryLater();
    }

    void fenced() {
        stop();
        listener.onFenced(this);
    }

    void suspect(long block, int[] slots, int chunks, int toldBad) {
        maintenance.repairs().add(block, slots, chunks, toldBad);
    }

    MemorySegment newBuffer(int bytes) {
        return Arena.ofAuto().allocate(bytes, 8);
    }

    OpPools ops() {
        return ops;
    }

    Hedges hedges() {
        return hedges;
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
