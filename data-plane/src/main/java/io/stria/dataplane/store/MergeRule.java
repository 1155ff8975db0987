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
    private int committed = JournalEntries.NONE;

    private int replaced = JournalEntries.NONE;

    private boolean replaying;

    MergeRule(JournalEntries entries, HeaderCache headers) {
        this.entries = entries;
        this.headers = headers;
    }

    /** While a journal is replayed nobody knows which versions are still to be met. */
    void replaying(boolean value) {
        replaying = value;
    }

    /** One walk over all versions of the entry's fragment. What follows goes by what it found. */
    void look(int entry, long watermark) {
        committed = JournalEntries.NONE;
        replaced = JournalEntries.NONE;
        for (int other = entries.first(entries.pageId(entry), entries.fragment(entry));
                other != JournalEntries.NONE;
                other = entries.next(other)) {
            if (entries.has(other, JournalEntries.REPLACED) && replaced == JournalEntries.NONE) {
                replaced = other;
            }
            if (Long.compareUnsigned(entries.version(other), watermark) <= 0
                    && (committed == JournalEntries.NONE || isNewer(other, committed))) {
                committed = other;
            }
        }
    }

    /** The version of the fragment that was looked at to move home, or {@link #NOTHING}. */
    int target(int entry, int slot, long watermark) {
        int fragment = entries.fragment(entry);
        if (replaced != JournalEntries.NONE) {
            return committed == JournalEntries.NONE || isNewer(replaced, committed)
                    ? replaced
                    : committed;
        }
        if (committed != JournalEntries.NONE) {
            return isHomeNewer(slot, fragment, committed) ? NOTHING : committed;
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
        long version = entries.version(entry);
        if (committed != JournalEntries.NONE
                && Long.compareUnsigned(entries.version(committed), version) > 0) {
            return true;
        }
        if (replaced != JournalEntries.NONE || headers.isDamaged(slot, fragment)) {
            return false;
        }
        long home = headers.version(slot, fragment);
        return Long.compareUnsigned(home, version) > 0
                && Long.compareUnsigned(home, watermark) <= 0;
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
