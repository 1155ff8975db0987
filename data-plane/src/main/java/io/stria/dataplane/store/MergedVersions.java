package io.stria.dataplane.store;

/**
 * The versions that the journal has of one page, as a round of merging goes through them: those
 * that nobody needs go at once, some are marked and go home, and when they are durable there these
 * and what is older go. Reused from page to page.
 */
final class MergedVersions {
    private final Merger merger;
    private final Pages pages;
    private final PageIndex index;
    private final JournalEntries entries;
    private final MergeRule rule;
    private final StoreCounters counters;

    /** What has gone home; of use within one call, as all pages of a round share it. */
    private final EntryPerFragment merged;

    private int pageId;
    private long watermark;
    private int shift;

    MergedVersions(
            Merger merger,
            Pages pages,
            MergeRule rule,
            EntryPerFragment merged,
            StoreCounters counters) {
        this.merger = merger;
        this.pages = pages;
        this.index = pages.index;
        this.entries = pages.entries;
        this.rule = rule;
        this.merged = merged;
        this.counters = counters;
    }

    /** Another page's, of which everything up to the watermark is on all its locations. */
    void start(int newPageId, long newWatermark) {
        pageId = newPageId;
        watermark = newWatermark;
        shift = index.fragmentShift(newPageId);
    }

    private void drop(int entry) {
        pages.removeEntry(entry);
        counters.droppedFragments++;
        merger.progressed();
    }

    private void dropBelowCommitted() {
        rule.look(pageId, watermark);
        int entry = entries.headOf(pageId);
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            if (rule.isBelowCommitted(entry)) {
                drop(entry);
            }
            entry = next;
        }
    }

    /** Whether something has to be written of a page that has no home; drops what need not be. */
    boolean needHome(long forgettable) {
        dropBelowCommitted();
        int lastBatch = index.lastBatch(pageId);
        boolean mustWrite = false;
        int entry = entries.headOf(pageId);
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            if (rule.mayDropWithoutPage(entry, lastBatch, forgettable)) {
                drop(entry);
            } else if (entries.has(entry, JournalEntries.REPLACED)
                    || Long.compareUnsigned(entries.version(entry), watermark) <= 0) {
                mustWrite = true;
            }
            entry = next;
        }
        return mustWrite;
    }

    /**
     * Marks what goes home now, beside the header in that slot, and drops what is superseded there.
     *
     * @param mayWriteData if not, only what has no data goes
     * @param touched gets the blocks of the data
     * @return whether anything was marked
     */
    boolean mark(int slot, boolean mayWriteData, TouchedBlocks touched) {
        boolean any = false;
        int count = 0;
        rule.look(pageId, watermark);
        int entry = entries.headOf(pageId);
        while (entry != JournalEntries.NONE) {
            count++;
            int next = entries.nextOfPage(entry);
            if (rule.isSuperseded(entry, slot, watermark)) {
                rule.dropped(entry);
                drop(entry);
            } else if (rule.target(entry, slot, watermark) == entry) {
                boolean data = JournalRecord.hasData(entries.flags(entry));
                if (mayWriteData || !data) {
                    entries.set(entry, JournalEntries.MERGING);
                    any = true;
                }
                if (mayWriteData && data) {
                    touched.touch(entries.fragment(entry), shift);
                }
            }
            entry = next;
        }
        merger.pace().merged(Math.max(0, count - 1)); // one was counted when the page began
        return any;
    }

    void unmark() {
        for (int entry = entries.headOf(pageId);
                entry != JournalEntries.NONE;
                entry = entries.nextOfPage(entry)) {
            entries.clear(entry, JournalEntries.MERGING);
        }
    }

    /** The first that is marked, from this one on, or NONE. */
    int marked(int from) {
        int entry = from;
        while (entry != JournalEntries.NONE && !entries.has(entry, JournalEntries.MERGING)) {
            entry = entries.nextOfPage(entry);
        }
        return entry;
    }

    /** Whether data of the fragment goes home. */
    boolean bringData(int fragment) {
        int entry = entries.first(pageId, fragment);
        while (entry != JournalEntries.NONE && !entries.has(entry, JournalEntries.MERGING)) {
            entry = entries.next(entry);
        }
        return entry != JournalEntries.NONE && JournalRecord.hasData(entries.flags(entry));
    }

    /** What was marked is durable at home: it goes, and what is older than that. */
    void settle() {
        dropOlder();
        int entry = marked(entries.headOf(pageId));
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            pages.removeEntry(entry);
            entry = marked(next);
        }
    }

    /** Versions below one that has gone home, and that was committed when it did. */
    private void dropOlder() {
        findMerged();
        int entry = entries.headOf(pageId);
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            if (!entries.has(entry, JournalEntries.MERGING) && isBelowMerged(entry)) {
                pages.removeEntry(entry);
                counters.droppedFragments++;
            }
            entry = next;
        }
    }

    private void findMerged() {
        for (int entry = entries.headOf(pageId);
                entry != JournalEntries.NONE;
                entry = entries.nextOfPage(entry)) {
            merged.clear(entries.fragment(entry));
        }
        for (int entry = marked(entries.headOf(pageId));
                entry != JournalEntries.NONE;
                entry = marked(entries.nextOfPage(entry))) {
            merged.set(entries.fragment(entry), entry);
        }
    }

    private boolean isBelowMerged(int entry) {
        int newer = merged.get(entries.fragment(entry));
        return newer != JournalEntries.NONE
                && Long.compareUnsigned(entries.version(newer), watermark) <= 0
                && Long.compareUnsigned(entries.version(entry), entries.version(newer)) < 0;
    }
}
