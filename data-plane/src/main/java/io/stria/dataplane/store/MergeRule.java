package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentFormat;

/**
 * Which version of a fragment moves from the journal to its home (rule 3 of docs/correctness.md):
 * the newest at or below the durable watermark; a replacement, which leaves nothing else, at any
 * time; and a version above the watermark only where there is nothing at home that would have to be
 * kept, and no other version in the journal. An older one that stayed there could be copied to the
 * head of the ring and outlive this one: a tombstone at or below the watermark gives its place
 * away.
 */
final class MergeRule {
    static final int NOTHING = -1;

    private final JournalEntries entries;
    private final HeaderCache headers;

    /** What {@link #look} has found: the newest at or below the watermark, and a replacement. */
    private final EntryPerFragment committed = new EntryPerFragment();

    private final EntryPerFragment replaced = new EntryPerFragment();

    private boolean replaying;

    MergeRule(JournalEntries entries, HeaderCache headers) {
        this.entries = entries;
        this.headers = headers;
    }

    /** While a journal is replayed nobody knows which versions are still to be met. */
    void replaying(boolean value) {
        replaying = value;
    }

    /** Walks over all versions of the page. What follows goes by what it found. */
    void look(int pageId, long watermark) {
        for (int entry = entries.headOf(pageId);
                entry != JournalEntries.NONE;
                entry = entries.nextOfPage(entry)) {
            committed.clear(entries.fragment(entry));
            replaced.clear(entries.fragment(entry));
        }
        for (int entry = entries.headOf(pageId);
                entry != JournalEntries.NONE;
                entry = entries.nextOfPage(entry)) {
            int fragment = entries.fragment(entry);
            if (entries.has(entry, JournalEntries.REPLACED)
                    && replaced.get(fragment) == JournalEntries.NONE) {
                replaced.set(fragment, entry);
            }
            int newest = committed.get(fragment);
            if (Long.compareUnsigned(entries.version(entry), watermark) <= 0
                    && (newest == JournalEntries.NONE || isNewer(entry, newest))) {
                committed.set(fragment, entry);
            }
        }
    }

    /** It is dropped. What is older than that, and stays, is not looked for: it goes as well. */
    void dropped(int entry) {
        int fragment = entries.fragment(entry);
        if (committed.get(fragment) == entry) {
            committed.set(fragment, JournalEntries.NONE);
        }
    }

    /** The version of the fragment that was looked at to move home, or {@link #NOTHING}. */
    int target(int entry, int slot, long watermark) {
        int fragment = entries.fragment(entry);
        int newest = committed.get(fragment);
        int replacement = replaced.get(fragment);
        if (replacement != JournalEntries.NONE) {
            return newest == JournalEntries.NONE || isNewer(replacement, newest)
                    ? replacement
                    : newest;
        }
        if (newest != JournalEntries.NONE) {
            return isHomeNewer(slot, fragment, newest) ? NOTHING : newest;
        }
        return mayGoEarly(entry) && isHomeVoid(slot, fragment, watermark) ? entry : NOTHING;
    }

    /** Whether a version above the watermark may go where nothing is: it is the only one. */
    boolean mayGoEarly(int entry) {
        return !replaying
                && entries.first(entries.pageId(entry), entries.fragment(entry)) == entry
                && entries.next(entry) == JournalEntries.NONE;
    }

    private boolean isNewer(int entry, int than) {
        return Long.compareUnsigned(entries.version(entry), entries.version(than)) > 0;
    }

    /** Nothing at home that anybody could still ask for. */
    boolean isHomeVoid(int slot, int fragment, long watermark) {
        if (headers.isDamaged(slot, fragment)) {
            return false;
        }
        long version = headers.version(slot, fragment);
        return version == 0
                || (headers.isTombstone(slot, fragment)
                        && Long.compareUnsigned(version, watermark) <= 0);
    }

    /**
     * The same version does not count as newer: after a power cut a header may have it and the data
     * not, as long as the journal has both.
     */
    private boolean isHomeNewer(int slot, int fragment, int entry) {
        return !headers.isDamaged(slot, fragment)
                && Long.compareUnsigned(headers.version(slot, fragment), entries.version(entry))
                        > 0;
    }

    /** Rule 3 does not ask for this entry, which was looked at, any more. */
    boolean isSuperseded(int entry, int slot, long watermark) {
        int fragment = entries.fragment(entry);
        if (entries.has(entry, JournalEntries.REPLACED)) {
            return false;
        }
        if (isBelowCommitted(entry)) {
            return true;
        }
        long version = entries.version(entry);
        if (replaced.get(fragment) != JournalEntries.NONE || headers.isDamaged(slot, fragment)) {
            return false;
        }
        long home = headers.version(slot, fragment);
        return Long.compareUnsigned(home, version) > 0
                && Long.compareUnsigned(home, watermark) <= 0;
    }

    /** Of an entry that was looked at: a newer one is at or below the watermark, too. */
    boolean isBelowCommitted(int entry) {
        int newest = committed.get(entries.fragment(entry));
        return newest != JournalEntries.NONE && isNewer(newest, entry);
    }

    /**
     * Without a page there is no home to move to. What says "nothing here" may simply go, if no
     * later record of the page could bring something older back.
     */
    boolean mayDropWithoutPage(int entry, int lastBatch, long forgettable) {
        int flags = entries.flags(entry);
        boolean nothing =
                (flags & FragmentFormat.ABSENT) != 0
                        || ((flags & FragmentFormat.TOMBSTONE) != 0
                                && Long.compareUnsigned(entries.version(entry), forgettable) <= 0);
        return nothing && entries.batch(entry) == lastBatch;
    }
}
