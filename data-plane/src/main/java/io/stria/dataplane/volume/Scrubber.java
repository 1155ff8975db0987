package io.stria.dataplane.volume;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads everything that the stores hold of a volume from time to time, between its own IO, before
 * anybody needs it: of each block all n+2 fragments, whether each is whole, of one version, and the
 * parity that of the data. What is not is repaired from the rest. Chunks that lie where they do not
 * belong any more are freed.
 *
 * <p>A pass begins at a page drawn from the owner's epoch, so that owners which do not last long
 * look at different parts. It rests while chunks move, and while a store is away.
 */
final class Scrubber implements Listing.Listener, VerifyOp.Listener, SyncOp.Listener {
    private enum State {
        RESTING,
        WAITING,
        LISTING,
        VERIFYING,
        FREEING
    }

    /** A chunk of this page lies on this slot, and is looked for elsewhere. */
    private record Stray(long page, int chunk, int slot) {}

    private static final System.Logger LOG = System.getLogger(Scrubber.class.getName());
    private static final long RETRY_NS = 1_000_000_000L;

    /** After each piece it rests as long as that took, and at least so long. */
    private static final long REST_MIN_NS = 1_000_000L;

    private final VolumeOwner owner;
    private final long everyNs;
    private final Listing listing;
    private VerifyOp op;
    private SyncOp repair;

    /** Chunks, as bits, of the last blocks verified that are to be repaired yet. */
    private int wrongChunks;

    private final TreeSet<Long> blocks = new TreeSet<>();
    private final ArrayDeque<FreeOp> toFree = new ArrayDeque<>();
    private final int[] slots;
    private @Nullable FreeOp freeing;
    private State state = State.RESTING;
    private boolean verifying;
    private boolean asked;
    private long nextNs;
    private long page;
    private long endPage;

    /** Where the pass began; it ends when it is here again. */
    private long firstPage;

    private boolean wrapped;

    /** Found in the present window. */
    private final TreeSet<Integer> wrongSlots = new TreeSet<>();

    private int lost;
    private long verified;
    private long faults;

    /** Those of them that their stores took for good. */
    private long silent;

    private long repaired;
    private long freed;
    private long passes;
    private long endedNs;

    Scrubber(VolumeOwner owner, long everyNs) {
        this.owner = owner;
        this.everyNs = everyNs;
        this.listing = new Listing(owner, this);
        this.op = new VerifyOp(owner);
        this.repair = new SyncOp(owner);
        this.slots = new int[owner.layout().fragments()];
        this.nextNs = owner.nowNs() + everyNs / 2;
    }

    ScrubFigures figures() {
        long done = wrapped ? owner.pages().count() - firstPage + page : page - firstPage;
        return new ScrubFigures(
                owner.vuid(),
                owner.epoch(),
                asked || isRunning(),
                isRunning() ? done : 0,
                owner.pages().count(),
                passes,
                endedNs,
                verified,
                faults,
                repaired,
                freed);
    }

    /** Fragments found wrong that their stores took for good. */
    long silentFaults() {
        return silent;
    }

    /** A pass begins as soon as nothing moves, unless one is under way: then that goes on. */
    void beginNow() {
        asked |= state == State.RESTING;
    }

    /** What lay where it did not belong may be where it belongs now. */
    void onPlaced() {
        toFree.clear();
    }

    @Override
    public String toString() {
        return "scrubs page %d of %d".formatted(page, owner.pages().count());
    }

    boolean isRunning() {
        return state != State.RESTING;
    }

    /** Nothing of it changes a store now, and nothing will before {@link #advance} is called. */
    boolean isQuiet() {
        return freeing == null || freeing.hasEnded();
    }

    long nextDeadlineNs() {
        return switch (state) {
            case RESTING -> asked ? Long.MIN_VALUE : everyNs > 0 ? nextNs : Long.MAX_VALUE;
            case WAITING -> nextNs;
            case VERIFYING -> verifying ? Long.MAX_VALUE : nextNs;
            case LISTING, FREEING -> Long.MAX_VALUE;
        };
    }

    /** Goes on as far as it can; not called while chunks move. */
    void advance() {
        long nowNs = owner.nowNs();
        switch (state) {
            case RESTING -> {
                if (asked || (everyNs > 0 && nowNs - nextNs >= 0)) {
                    asked = false;
                    nextNs = nowNs;
                    page =
                            Math.floorMod(
                                    owner.epoch() * 0x9e3779b97f4a7c15L, owner.pages().count());
                    firstPage = page;
                    wrapped = false;
                    state = State.WAITING;
                }
            }
            case WAITING -> {
                if (nowNs - nextNs >= 0) {
                    beginWindow();
                }
            }
            case VERIFYING -> verifyNext();
            case FREEING -> freeNext();
            case LISTING -> {}
        }
    }

    private void waitFor(long ns) {
        state = State.WAITING;
        nextNs = owner.nowNs() + ns;
    }

    private void beginWindow() {
        if (!owner.links().allInSyncAttached()) {
            waitFor(RETRY_NS);
            return;
        }
        state = State.LISTING;
        blocks.clear();
        List<StoreLink> sources = owner.links().stream().filter(StoreLink::isReadable).toList();
        listing.begin(page, Version.NONE, sources);
    }

    @Override
    public void onListed(Listing ended) {
        if (!ended.isComplete() || owner.pages().placing().isMoving()) {
            waitFor(RETRY_NS);
            return;
        }
        long last = wrapped ? firstPage : owner.pages().count();
        endPage = Math.min(ended.endPage(), last);
        ended.collect(endPage, blocks);
        collectStrays(ended);
        nextNs = owner.nowNs();
        state = State.VERIFYING;
    }

    private void collectStrays(Listing ended) {
        Set<Stray> strays = new HashSet<>();
        ended.forEach(
                endPage,
                (link, address, version, flags) -> {
                    long at = owner.layout().pageOf(address);
                    int chunk = owner.layout().chunkOf(address);
                    owner.pages().locate(at, slots);
                    if (slots[chunk] != link.slot) {
                        strays.add(new Stray(at, chunk, link.slot));
                    }
                });
        for (Stray stray : strays) {
            toFree.add(new FreeOp(owner, stray.page(), stray.chunk(), stray.slot()));
            freed++;
        }
    }

    private void verifyNext() {
        if (verifying || owner.nowNs() - nextNs < 0) {
            return;
        }
        Long first = blocks.pollFirst();
        if (first == null) {
            state = State.FREEING;
            freeNext();
            return;
        }
        int count = 1;
        int max = owner.pages().pieceBlocks(first, StripeOp.BLOCKS_MAX);
        while (count < max && blocks.remove(first + count)) {
            count++;
        }
        verifying = true;
        if (!op.isIdle()) {
            op = new VerifyOp(owner); // a command of the last one is stuck
        }
        owner.pages().range(op, first, count);
        op.verify(this);
    }

    @Override
    public void onVerified(VerifyOp ended, long tookNs) {
        wrongChunks = 0;
        nextNs = owner.nowNs() + Math.max(tookNs, REST_MIN_NS);
        for (int i = 0; i < ended.blocks; i++) {
            long block = ended.firstBlock + i;
            int wrong = ended.wrong(i);
            if (wrong != 0) {
                faults += Integer.bitCount(wrong);
                silent += Integer.bitCount(ended.silentlyWrong(i));
                wrongSlots.addAll(ended.slotsOf(wrong));
                wrongChunks |= wrong;
            }
            lost += ended.isLost(i) ? 1 : 0;
        }
        verified += ended.blocks;
        repairNext();
    }

    /** All blocks that were read together, in every chunk in which any of them is wrong. */
    private void repairNext() {
        if (wrongChunks == 0) {
            verifying = false;
            return;
        }
        int chunk = Integer.numberOfTrailingZeros(wrongChunks);
        wrongChunks &= ~(1 << chunk);
        if (!repair.isIdle()) {
            repair = new SyncOp(owner); // a command of the last one is stuck
        }
        owner.pages().range(repair, op.firstBlock, op.blocks);
        repair.sync(chunk, this);
    }

    /** What could not be repaired is found by the next pass. */
    @Override
    public void onSynced(SyncOp ended, IoStatus status) {
        if (status == IoStatus.OK) {
            for (int i = 0; i < op.blocks; i++) {
                repaired += op.wrong(i) >> ended.chunk() & 1;
            }
        }
        repairNext();
    }

    private void freeNext() {
        while (isQuiet()) {
            freeing = toFree.poll();
            if (freeing == null) {
                windowEnded();
                return;
            }
            freeing.begin();
        }
    }

    /** Once for all that was found among many blocks. */
    private void tellWhatWasFound() {
        if (!wrongSlots.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "scrub of volume {0}: wrong fragments on slots {1} in pages {2} to {3}, repaired"
                            + " where that was possible; {4} so far",
                    owner.vuid(),
                    wrongSlots,
                    page,
                    endPage - 1,
                    faults);
        }
        if (lost > 0) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "scrub of volume {0}: {1} blocks in pages {2} to {3} cannot be read",
                    owner.vuid(),
                    lost,
                    page,
                    endPage - 1);
        }
        wrongSlots.clear();
        lost = 0;
    }

    private void windowEnded() {
        tellWhatWasFound();
        page = endPage;
        if (page >= owner.pages().count() && !wrapped) {
            page = 0;
            wrapped = true;
        }
        if (wrapped && page >= firstPage) {
            passes++;
            state = State.RESTING;
            endedNs = owner.nowNs();
            nextNs = endedNs + everyNs;
        } else {
            waitFor(REST_MIN_NS);
        }
    }

    void onLinksChanged() {
        listing.onLinksChanged();
        if (freeing != null) {
            freeing.onLinksChanged();
        }
    }
}
