package io.stria.dataplane.store;

import java.util.Arrays;

/**
 * One of the versions that the journal has of each fragment of a page, or none. What stood here of
 * the page before is cleared for the fragments that are used next, not for all. Reused.
 */
final class EntryPerFragment {
    private int[] found = new int[16];

    /** None is found of this fragment. */
    void clear(int fragment) {
        if (fragment >= found.length) {
            found = Arrays.copyOf(found, Math.max(fragment + 1, 2 * found.length));
        }
        found[fragment] = JournalEntries.NONE;
    }

    int get(int fragment) {
        return found[fragment];
    }

    void set(int fragment, int entry) {
        found[fragment] = entry;
    }
}
