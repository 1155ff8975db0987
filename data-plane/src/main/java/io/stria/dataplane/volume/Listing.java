package io.stria.dataplane.volume;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which versions some stores hold above a given one, from one page on, of all pages or of some: as
 * many whole pages as each store tells in one answer, and one at least, with all versions of each
 * fragment: {@link Comparison} goes by the newest ones. What a store says is not trusted: one that
 * lists what it was not asked for, or does not go forward, has failed. Reused; one listing at a
 * time.
 */
final class Listing {
    /** Hears of the end, once; not if nobody waits any more because a store was lost before. */
    interface Listener {
        void onListed(Listing listing);
    }

    /** Is shown what was listed: a store, and a version of a fragment that it holds. */
    interface Visitor {
        void visit(StoreLink source, long address, long version, int flags);
    }

    /** Pages that can be chosen of. */
    static final int PAGES_MAX = Long.SIZE;

    /** What an answer needs to tell of one page; enough to see where there is anything. */
    static final int LOOK_BYTES = 8 * 1024;

    private static final int ANSWER_BYTES = AnswerBuffers.BYTES;

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final Listener listener;
    private final Set<StoreLink> failed = new HashSet<>();
    private List<Source> sources = List.of();
    private long firstPage;

    /** Bit i: the i-th page from the first one on is listed; 0: all are, to the end. */
    private long pages;

    private long above;
    private long endPage;
    private int listing;
    private int answerBytes = ANSWER_BYTES;

    Listing(VolumeOwner owner, Listener listener) {
        this.owner = owner;
        this.layout = owner.layout();
        this.listener = listener;
    }

    /**
     * @param fromPage the first page that is listed
     * @param aboveVersion versions up to it are not listed
     */
    void begin(long fromPage, long aboveVersion, List<StoreLink> links) {
        begin(fromPage, 0, aboveVersion, links, ANSWER_BYTES);
    }

    /**
     * The same of some pages, and with smaller answers, for fewer of them.
     *
     * @param chosen of the first page and those after it, {@link #PAGES_MAX} in all, as bits; what
     *     is listed of others means nothing; 0: all pages
     * @param bytes in one answer of a store, at most {@link AnswerBuffers#BYTES}
     */
    void begin(long fromPage, long chosen, long aboveVersion, List<StoreLink> links, int bytes) {
        assert listing == 0 && bytes <= ANSWER_BYTES;
        answerBytes = bytes;
        firstPage = fromPage;
        pages = chosen;
        above = aboveVersion;
        failed.clear();
        List<Source> before = sources;
        sources = new ArrayList<>();
        links.forEach(link -> sources.add(sourceOf(link, before)));
        before.forEach(source -> {
            if (!sources.contains(source)) {
                source.release();
            }
        });
        listing = links.size();
        for (Source source : List.copyOf(sources)) {
            source.begin();
        }
        if (links.isEmpty()) {
            endPage = Long.MAX_VALUE;
            tell();
        }
    }

    /** One whose last command has ended has room for the next answer. */
    private Source sourceOf(StoreLink link, List<Source> before) {
        for (Source source : before) {
            if (source.link == link && !source.inFlight) {
                return source;
            }
        }
        return new Source(link);
    }

    boolean isRunning() {
        return listing > 0;
    }

    /** Every store has answered. */
    boolean isComplete() {
        return failed.isEmpty();
    }

    boolean failedOn(StoreLink link) {
        return failed.contains(link);
    }

    /** First page that was not listed; {@code Long.MAX_VALUE} when there is no more. */
    long endPage() {
        return endPage;
    }

    /** First page of which any store has listed anything; {@code Long.MAX_VALUE} if none has. */
    long firstListedPage() {
        long first = Long.MAX_VALUE;
        for (Source source : sources) {
            first = Math.min(first, source.firstListedPage());
        }
        return first;
    }

    /** The blocks of pages before the given one. */
    void collect(long beforePage, Set<Long> into) {
        forEach(beforePage, (source, address, version, flags) -> into.add(layout.blockOf(address)));
    }

    /** What was listed of pages before the given one. */
    void forEach(long beforePage, Visitor visitor) {
        for (Source source : sources) {
            source.forEach(beforePage, visitor);
        }
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        if (listing > 0) {
            for (Source source : List.copyOf(sources)) {
                source.onLinksChanged();
            }
        }
    }

    /** Nobody waits for it any more. */
    void stop() {
        listing = 0;
        sources.forEach(source -> source.asked = false);
    }

    private void ended(StoreLink link, boolean ok) {
        if (!ok) {
            failed.add(link);
        }
        if (--listing > 0) {
            return;
        }
        endPage = Long.MAX_VALUE;
        if (isComplete()) {
            for (Source source : sources) {
                endPage = Math.min(endPage, source.completePages());
            }
            if (pages != 0 && firstPage + PAGES_MAX < owner.pages().count()) {
                endPage = Math.min(endPage, firstPage + PAGES_MAX);
            }
            assert endPage > firstPage;
        }
        tell();
    }

    private void tell() {
        listener.onListed(this);
        if (listing == 0 && endPage == Long.MAX_VALUE) {
            sources.forEach(Source::release); // there are no next pages
            sources = List.of();
        }
    }

    /** One store's answers. */
    private final class Source implements FragmentRequest.Completion {
        private final StoreLink link;
        private final FragmentRequest request = new FragmentRequest();
        private MemorySegment answers = owner.copyBudget().answerBuffers().take();
        private long entries;
        private boolean more;

        /** All of the last answer was of one fragment, which may have newer versions. */
        private boolean cut;

        private boolean asked;
        private boolean inFlight;

        Source(StoreLink link) {
            this.link = link;
            request.op = FragmentOp.LIST;
            request.fragmentBytes = layout.fragmentBytes();
            request.completion = this;
        }

        /** It is not used again; a buffer that a store may still write into is left to it. */
        void release() {
            if (!inFlight) {
                owner.copyBudget().answerBuffers().give(answers);
                answers = MemorySegment.NULL;
            }
        }

        void begin() {
            entries = 0;
            more = false;
            request.version = above;
            request.bufferBytes = answerBytes;
            request.groups = pages;
            request.count = layout.fragments();
            ask(layout.address(firstPage, 0, 0));
        }

        private void ask(long fromAddress) {
            if (!link.isAttached()) {
                ended(link, false);
                return;
            }
            request.address = fromAddress;
            request.buffer = answers;
            request.bufferOffset = offset(entries);
            asked = true;
            inFlight = true;
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
            inFlight = false;
            link.answered(completed, status);
            if (!asked) {
                return; // nobody waits for it any more
            }
            asked = false;
            long added = result & ~FragmentFormat.LIST_MORE;
            more = (result & FragmentFormat.LIST_MORE) != 0;
            if (status != IoStatus.OK) {
                ended(link, false);
            } else if (!take(added)) {
                owner.proposeBehind(link, "it lists what it was not asked for");
                ended(link, false);
            } else if (completePages() == firstPage) {
                askOn();
            } else {
                ended(link, true);
            }
        }

        /** Adds what was answered; false if that is nothing that can be an answer. */
        private boolean take(long added) {
            if (added * FragmentFormat.LIST_ENTRY_BYTES > request.bufferBytes
                    || more && added == 0) {
                return false;
            }
            long previous = request.address;
            for (long i = entries; i < entries + added; i++) {
                long address = address(i);
                if (address < previous
                        || address >>> DeviceAddress.VUID_SHIFT != owner.vuid()
                        || !Version.isNewer(version(i), request.version)) {
                    return false;
                }
                previous = address;
            }
            boolean goesOnInside = request.version != above;
            long told = goesOnInside ? countOf(request.address, added) : added;
            cut =
                    told == request.bufferBytes / FragmentFormat.LIST_ENTRY_BYTES
                            && address(entries) == address(entries + told - 1);
            more |= cut || goesOnInside;
            entries += told; // of what follows only the newer versions were asked for
            return true;
        }

        /** How many of the entries that were added are of that address, before all others. */
        private long countOf(long address, long added) {
            long count = 0;
            while (count < added && address(entries + count) == address) {
                count++;
            }
            return count;
        }

        /**
         * One answer was not enough for a page: the next one is put behind it. One that was not
         * enough for a fragment has told its oldest versions: newer ones of it come next.
         */
        private void askOn() {
            long last = address(entries - 1);
            request.version = cut ? version(entries - 1) : above;
            request.bufferBytes = cut ? ANSWER_BYTES : answerBytes;
            request.groups = 0; // it does not begin where they do
            MemorySegment longer = owner.newBuffer((int) offset(entries) + ANSWER_BYTES);
            MemorySegment.copy(answers, 0, longer, 0, offset(entries));
            owner.copyBudget().answerBuffers().give(answers);
            answers = longer;
            ask(cut ? last : last + layout.fragmentBytes() / StripeLayout.SECTOR_BYTES);
        }

        /** The first page that may be listed in part only; all before it are complete. */
        private long completePages() {
            return more ? layout.pageOf(address(entries - 1)) : Long.MAX_VALUE;
        }

        private long firstListedPage() {
            return entries == 0 ? Long.MAX_VALUE : layout.pageOf(address(0));
        }

        private void forEach(long beforePage, Visitor visitor) {
            for (long i = 0; i < entries; i++) {
                long address = address(i);
                if (layout.pageOf(address) >= beforePage) {
                    return;
                }
                visitor.visit(
                        link, address, version(i), FragmentFormat.listFlags(answers, offset(i)));
            }
        }

        private long address(long entry) {
            return FragmentFormat.listAddress(answers, offset(entry));
        }

        private long version(long entry) {
            return FragmentFormat.listVersion(answers, offset(entry));
        }

        private static long offset(long entry) {
            return entry * FragmentFormat.LIST_ENTRY_BYTES;
        }
    }
}
