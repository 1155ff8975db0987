package io.stria.dataplane.store;

import io.stria.runtime.Timers;

/**
 * How fast the journal is merged while hosts write: above the mark, for each fragment version that
 * arrives some move home, the more of them the more of the ring is used. So a write meets a little
 * of the merging and never a whole round of it, and the ring settles somewhat above its mark.
 *
 * <p>Who waits for more than that is in a hurry, see {@link #hurry}: then nothing is counted.
 */
final class MergePace {
    /** For each that arrives this many move home if the whole ring is used. */
    private static final int GAIN = 40;

    /** But never more than this many. */
    private static final int GAIN_MAX = 8;

    /** So many may be saved up. */
    private static final int CREDIT_MAX = 64;

    private final Timers timers;
    private final JournalRing ring;
    private final JournalEntries entries;
    private final long markBytes;
    private final long restNs;
    private long addedSeen;
    private long lastAddedNs;

    /** In bytes of the ring for each version, so that nothing is lost by rounding. */
    private long credit;

    private boolean hurried = true;

    /**
     * @param restNs after such a time without anything new the rest need not wait
     */
    MergePace(
            Timers timers, JournalRing ring, JournalEntries entries, long markBytes, long restNs) {
        this.timers = timers;
        this.ring = ring;
        this.entries = entries;
        this.markBytes = markBytes;
        this.restNs = restNs;
    }

    boolean isOverMark() {
        return ring.usedBytes() > markBytes;
    }

    /**
     * In each poll, before anything is merged.
     *
     * @param urgent somebody waits for what merging frees
     */
    void hurry(boolean urgent) {
        long added = entries.added() - addedSeen;
        addedSeen += added;
        if (added > 0) {
            lastAddedNs = timers.nowNs();
            long over = Math.max(0, ring.usedBytes() - markBytes);
            long each = Math.min(over * GAIN, (long) ring.ringBytes() * GAIN_MAX);
            long earned = added * each;
            credit = Math.min(credit + earned, Math.max(earned, saved()));
        }
        hurried = urgent || timers.nowNs() - lastAddedNs >= restNs;
    }

    private long saved() {
        return (long) ring.ringBytes() * CREDIT_MAX;
    }

    /** Another page may be merged now. */
    boolean mayMerge() {
        return hurried || credit > 0;
    }

    /** Versions of a page leave the journal. */
    void merged(int count) {
        if (!hurried) {
            credit -= (long) count * ring.ringBytes();
        }
    }

    boolean isHurried() {
        return hurried;
    }
}
