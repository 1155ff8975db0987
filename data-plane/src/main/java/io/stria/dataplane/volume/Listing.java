package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which blocks any of some stores holds a version of, above a given one, from one page on: as many
 * whole pages as each store tells in one answer. Reused; one listing at a time.
 */
final class Listing {
    /** Hears of the end, once; not if nobody waits any more because a store was lost before. */
    interface Listener {
        void onListed(Listing listing);
    }

    private final VolumeOwner owner;
    private final Listener listener;
    private final List<Source> sources = new ArrayList<>();
    private final Set<StoreLink> failed = new java.util.HashSet<>();
    private long from;
    private long above;
    private long endPage;
    private int listing;

    Listing(VolumeOwner owner, Listener listener) {
        this.owner = owner;
        this.listener = listener;
    }

    /**
     * @param fromAddress where the first page begins
     * @param aboveVersion versions up to it are not listed
     */
    void begin(long fromAddress, long aboveVersion, List<StoreLink> links) {
        assert listing == 0;
        from = fromAddress;
        above = aboveVersion;
        sources.clear();
        failed.clear();
        listing = links.size();
        for (StoreLink link : links) {
            sources.add(new Source(link));
        }
        for (Source source : List.copyOf(sources)) {
            source.begin();
        }
    }

    boolean isRunning() {
        return listing > 0;
    }

    boolean isComplete() {
        return failed.isEmpty();
    }

    boolean failedOn(StoreLink link) {
        return failed.contains(link);
    }

    /** First page that was not listed by all; {@code Long.MAX_VALUE} when there is no more. */
    long endPage() {
        return endPage;
    }

    /** The blocks of pages before the given one. */
    void collect(long beforePage, Set<Long> into) {
        forEach(beforePage, (link, address) -> into.add(owner.layout().blockOf(address)));
    }

    /** What was listed of pages before the given one. */
    void forEach(long beforePage, Entries entries) {
        for (Source source : sources) {
            source.forEach(beforePage, entries);
        }
    }

    /** Takes what was listed: a store, and the address of a fragment there. */
    interface Entries {
        void accept(StoreLink link, long address);
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        if (listing > 0) {
            for (Source source : List.copyOf(sources)) {
                source.onLinksChanged();
            }
        }
    }

    private void ended(StoreLink link, boolean ok) {
        if (!ok) {
            failed.add(link);
        }
        if (--listing > 0) {
            return;
        }
        endPage = Long.MAX_VALUE;
        for (Source source : sources) {
            endPage = Math.min(endPage, source.completePages());
        }
        listener.onListed(this);
    }

    /** One store's answer. */
    private final class Source implements FragmentRequest.Completion {
        private final StoreLink link;
        private final FragmentRequest request = new FragmentRequest();
        private long entries;
        private boolean full;
        private boolean asked;

        Source(StoreLink link) {
            this.link = link;
        }

        void begin() {
            if (!link.isAttached()) {
                ended(link, false);
                return;
            }
            request.op = FragmentOp.LIST;
            request.address = from;
            request.fragmentBytes = owner.layout().fragmentBytes();
            request.version = above;
            request.buffer = owner.newListBuffer();
            request.bufferBytes = (int) request.buffer.byteSize();
            request.completion = this;
            asked = true;
            link.submit(request);
        }

        void onLinksChanged() {
            if (asked && !link.isAttached()) {
                asked = false;
                ended(link, false);
            }
        }

        @Override
        public void complete(FragmentRequest completed, IoStatus status, long result) {
            link.answered(completed, status);
            if (!asked) {
                return; // nobody waits for it any more
            }
            asked = false;
            entries = result & ~FragmentFormat.LIST_MORE;
            full = (result & FragmentFormat.LIST_MORE) != 0;
            ended(link, status == IoStatus.OK && !(full && entries == 0));
        }

        /** The first page that may be listed in part only; all before it are complete. */
        private long completePages() {
            return full ? owner.layout().pageOf(address(entries - 1)) : Long.MAX_VALUE;
        }

        private void forEach(long beforePage, Entries taker) {
            for (long i = 0; i < entries; i++) {
                long address = address(i);
                if (owner.layout().pageOf(address) < beforePage) {
                    taker.accept(link, address);
                }
            }
        }

        private long address(long entry) {
            return FragmentFormat.listAddress(
                    request.buffer, entry * FragmentFormat.LIST_ENTRY_BYTES);
        }
    }
}
