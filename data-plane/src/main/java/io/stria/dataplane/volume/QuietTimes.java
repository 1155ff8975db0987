package io.stria.dataplane.volume;

import java.util.Arrays;

/**
 * How long hosts' IO of one kind takes while nothing is copied: the p99 of recent ones. On the
 * owner's thread.
 *
 * <p>It comes from a histogram with sixteen buckets to an octave, so it is at most a thirtieth off;
 * all counts are halved after each {@value #WINDOW}, so that what hosts do now counts most.
 */
final class QuietTimes {
    static final long UNKNOWN = 0;

    /** Fewer say nothing of one in a hundred. */
    static final int KNOWN_FROM = 200;

    private static final int WINDOW = 4096;

    /** From a microsecond, which is {@value #STEPS} units, to 17 seconds. */
    private static final int UNIT_SHIFT = 6;

    private static final int STEPS_SHIFT = 4;
    private static final int STEPS = 1 << STEPS_SHIFT;
    private static final int BUCKETS = 24 * STEPS;

    private final int[] counts = new int[BUCKETS];
    private int total;

    /** An IO took so long. */
    void record(long ns) {
        counts[bucketOf(ns)]++;
        if (++total == WINDOW) {
            for (int i = 0; i < BUCKETS; i++) {
                counts[i] = (counts[i] + 1) / 2; // single ones are the tail
            }
            total = Arrays.stream(counts).sum();
        }
    }

    /** One in a hundred took longer, in ns; {@link #UNKNOWN} after too few. */
    long p99Ns() {
        if (total < KNOWN_FROM) {
            return UNKNOWN;
        }
        int above = total / 100;
        int bucket = BUCKETS - 1;
        while (bucket > 0 && above >= counts[bucket]) {
            above -= counts[bucket--];
        }
        return middleNs(bucket);
    }

    private static int bucketOf(long ns) {
        long units = Math.max(STEPS, ns >>> UNIT_SHIFT);
        int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(units) - STEPS_SHIFT;
        int step = (int) (units >>> octave) - STEPS;
        return Math.min(BUCKETS - 1, octave * STEPS + step);
    }

    private static long middleNs(int bucket) {
        long halves = 2 * (STEPS + bucket % STEPS) + 1;
        return (halves << bucket / STEPS << UNIT_SHIFT) / 2;
    }
}
