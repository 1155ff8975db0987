package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares stores that the map lists as in sync and whose watermark lags, each time they have
 * attached anew, before they vote or are read (rule 9 of docs/correctness.md): they may have come
 * back empty, or rolled back to an older image, and nobody has noticed. Up to its own watermark a
 * store has everything. Whatever any store lists above that and is known to be on all locations
 * must be on this one too: at a take-over all up to the highest watermark that any store reports,
 * and again when that rises before the owner serves; later also what this owner has finished
 * itself. What it has not finished yet is sent again. Of pages that moved to the store over an
 * earlier association its watermark says nothing: these are compared from their first version on.
 *
 * <p>After a power cut all watermarks lag by a little and there is nothing amiss: the comparison
 * then covers the little that lies between. A store that lacks something is proposed as behind, and
 * caught up with nothing that it holds taken for granted.
 */
final class Comparison implements Listing.Listener {
    /** The newest version of a block that is known to be everywhere. */
    private record Owed(long version, boolean tombstone) {}

    private final VolumeOwner owner;

    /** A store that is compared: what it was when that began. */
    private record Compared(long association, @Nullable PageRange owedPages) {}

    private final Map<StoreLink, Compared> compared = new LinkedHashMap<>();

    private final Map<Long, Owed> owed = new TreeMap<>();
    private final Map<StoreLink, Map<Long, Long>> newest = new LinkedHashMap<>();
    private final ArrayDeque<Check> doubts = new ArrayDeque<>();
    private final Listing listing;
    private final int[] slots;

    /** The page whose slots these are while a list is looked through. */
    private long locatedPage;

    /** Those whose word counts. */
    private List<StoreLink> witnesses = List.of();

    private long above;

    /** Pages that are compared from their first version on, before all others; null: none. */
    private @Nullable PageRange moved;

    private boolean running;
    private @Nullable Check checking;

    Comparison(VolumeOwner owner) {
        this.owner = owner;
        this.listing = new Listing(owner, this);
        this.slots = new int[owner.layout().fragments()];
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("has yet to compare slots");
        for (StoreLink link : owner.links()) {
            if (link.isUsed() && !link.isBehind() && !link.isTrusted()) {
                text.append(' ').append(link.slot);
                text.append(link.isAttached() ? "" : " (away)");
                text.append(link.isConvicted() ? " (lacks something)" : "");
            }
        }
        return text.toString();
    }

    /** Begins when there is a store to compare, and all whose word counts can be asked. */
    void advance() {
        if (running || owner.links().allTrusted() || !owner.links().allInSyncAttached()) {
            return;
        }
        owner.inheritWatermarks();
        long newestOwed = owner.watermark().newest();
        compared.clear();
        above = newestOwed;
        moved = null;
        for (StoreLink link : owner.links()) {
            if (!link.isUsed() || link.isBehind() || link.isTrusted() || link.isConvicted()) {
                continue;
            }
            boolean lags =
                    Version.isNewer(newestOwed, link.attachedWatermark) && !owesNothing(link);
            PageRange owed = link.owedPages();
            if (!lags && owed == null) {
                link.trust();
                continue;
            }
            compared.put(link, new Compared(link.association(), owed));
            if (lags && Version.isNewer(above, link.attachedWatermark)) {
                above = link.attachedWatermark;
            }
            if (owed != null) {
                moved = moved == null ? owed : moved.spanning(owed);
            }
        }
        if (!compared.isEmpty()) {
            running = true;
            witnesses = owner.links().stream().filter(Comparison::isWitness).toList();
            list(moved == null ? 0 : moved.first());
        }
    }

    private void list(long fromPage) {
        listing.begin(fromPage, moved == null ? above : Version.NONE, witnesses);
    }

    /**
     * No page is placed on the slot, though some may be on their way to it: what lies there is
     * nobody's, and whatever it once had is overwritten before a page counts as being there. A step
     * of this owner that the map does not show yet may have been decided.
     */
    private boolean owesNothing(StoreLink link) {
        Placing placing = owner.pages().placing();
        return !placing.from().contains(link.slot)
                && !placing.hasMovedPages()
                && !owner.copiesPages()
                && !link.isForgetful();
    }

    private static boolean isWitness(StoreLink link) {
        return link.isUsed() && !link.isBehind() && !link.isConvicted();
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        listing.onLinksChanged();
        Check asked = checking;
        if (asked != null && !isSameAssociation(asked.link)) {
            giveUp();
        }
    }

    /** Begins anew later, with the stores that are there then. */
    private void giveUp() {
        listing.stop();
        running = false;
        checking = null;
        doubts.clear();
        owner.retryLater();
    }

    @Override
    public void onListed(Listing ended) {
        if (!ended.isComplete()) {
            giveUp();
            return;
        }
        owed.clear();
        newest.clear();
        for (StoreLink link : compared.keySet()) {
            newest.put(link, new TreeMap<>());
        }
        locatedPage = -1;
        ended.forEach(ended.endPage(), this::note);
        owed.forEach(this::compareBlock);
        checkNext();
    }

    private void note(StoreLink source, long address, long version, int flags) {
        long block = owner.layout().blockOf(address);
        boolean wanted = moved == null || moved.contains(owner.layout().pageOf(address));
        if (!wanted || block >= owner.pages().sizeBlocks() || !isPlacedOn(source, address)) {
            return;
        }
        if (owner.watermark().isFinished(version)) {
            Owed known = owed.get(block);
            if (known == null || Version.isNewer(version, known.version())) {
                owed.put(block, new Owed(version, (flags & FragmentFormat.TOMBSTONE) != 0));
            }
        }
        Map<Long, Long> listed = newest.get(source);
        if (listed != null) {
            listed.merge(block, version, (a, b) -> Version.isNewer(a, b) ? a : b);
        }
    }

    /** What else lies there says nothing. */
    private boolean isPlacedOn(StoreLink source, long address) {
        long page = owner.layout().pageOf(address);
        if (page != locatedPage) {
            locatedPage = page;
            owner.pages().locate(page, slots);
        }
        return slots[owner.layout().chunkOf(address)] == source.slot;
    }

    private void compareBlock(long block, Owed what) {
        owner.pages().locateBlock(block, slots);
        long page = owner.layout().page(block);
        for (int chunk = 0; chunk < slots.length; chunk++) {
            StoreLink link = owner.links().get(slots[chunk]);
            Map<Long, Long> listed = newest.get(link);
            // At or below its own watermark it has everything, but for what moved there.
            if (listed != null
                    && (owes(link, page) || Version.isNewer(what.version(), link.attachedWatermark))
                    && Version.isNewer(what.version(), listed.getOrDefault(block, Version.NONE))) {
                doubts.add(new Check(link, block, chunk, what));
            }
        }
    }

    private boolean owes(StoreLink link, long page) {
        Compared began = compared.get(link);
        return began != null && began.owedPages() != null && began.owedPages().contains(page);
    }

    /** A list is taken at no one instant, and a tombstone may have been forgotten: ask. */
    private void checkNext() {
        if (owner.isStopped()) {
            return;
        }
        Check next = doubts.poll();
        while (next != null && next.link.isConvicted()) {
            next = doubts.poll();
        }
        if (next != null) {
            next.begin();
        } else if (moved != null && listing.endPage() >= moved.end()) {
            moved = null;
            list(0);
        } else if (listing.endPage() == Long.MAX_VALUE) {
            running = false;
            trustThoseThatStayed();
        } else {
            list(listing.endPage());
        }
    }

    private boolean isSameAssociation(StoreLink link) {
        Compared began = compared.get(link);
        return link.isAttached() && began != null && began.association() == link.association();
    }

    private void trustThoseThatStayed() {
        compared.forEach((link, began) -> {
            boolean owesMore = !Objects.equals(link.owedPages(), began.owedPages());
            if (isSameAssociation(link) && !owesMore && !link.isConvicted() && !link.isBehind()) {
                link.trust();
            }
        });
        owner.retryLater();
    }

    /** The store did not list what it owes: it may have been dropped meanwhile, or never been. */
    private final class Check implements FragmentRequest.Completion {
        private final StoreLink link;
        private final long block;
        private final int chunk;
        private final Owed owed;
        private final FragmentRequest request = new FragmentRequest();
        private MemorySegment fragment = MemorySegment.NULL;

        Check(StoreLink link, long block, int chunk, Owed owed) {
            this.link = link;
            this.block = block;
            this.chunk = chunk;
            this.owed = owed;
        }

        void begin() {
            if (!isSameAssociation(link)) {
                giveUp();
                return;
            }
            StripeLayout layout = owner.layout();
            int bytes = FragmentFormat.stride(layout.fragmentBytes());
            fragment = owner.newBuffer(bytes);
            checking = this;
            request.op = FragmentOp.READ;
            request.address = layout.address(layout.page(block), chunk, layout.indexInPage(block));
            request.count = 1;
            request.fragmentBytes = layout.fragmentBytes();
            request.buffer = fragment;
            request.bufferBytes = bytes;
            request.completion = this;
            link.submit(request);
        }

        @Override
        public void complete(FragmentRequest completed, IoStatus status, long result) {
            link.answered(completed, status);
            if (checking != this) {
                return; // nobody waits for it any more
            }
            checking = null;
            if (status != IoStatus.OK) {
                giveUp();
                return;
            }
            if (lacks() && isSameAssociation(link)) {
                link.convict(
                        "it lacks version %s of block %d, which it had"
                                .formatted(Version.toString(owed.version()), block));
            }
            checkNext();
        }

        private boolean lacks() {
            int metadata = owner.layout().fragmentBytes();
            int flags = FragmentFormat.flags(fragment, metadata);
            boolean empty = (flags & (FragmentFormat.ABSENT | FragmentFormat.TOMBSTONE)) != 0;
            return Version.isNewer(owed.version(), FragmentFormat.version(fragment, metadata))
                    && !(empty && owed.tombstone());
        }
    }
}
