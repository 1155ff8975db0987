package io.stria.dataplane.volume;

import org.jspecify.annotations.Nullable;

/**
 * How long one store took for its recent reads, and whether it is slow: whether a good part of them
 * took longer than reads wait. On the owner's thread.
 *
 * <p>The quantile comes from a histogram with four buckets to an octave, so it is at most a quarter
 * too high; all its counts are halved after each {@value #WINDOW} reads, so that a read counts half
 * as much after so many others.
 */
final class ReadTimes {
    static final int WINDOW = 256;
    static final long UNKNOWN = 0;

    /** From a microsecond to 17 seconds. */
    private static final int BUCKETS = 96;

    private static final int UNIT_SHIFT = 10;
    private static final double TAIL = 0.01;

    /** A late read weighs as much as so many in time: with one in five late it counts as slow. */
    private static final int LATE_WEIGHT = 4;

    private static final int SLOW = 8 * LATE_WEIGHT;
    private static final int SLOW_MAX = 12 * LATE_WEIGHT;

    /** Of the reads that would go to a slow store, one in so many does, to see if it still is. */
    private static final int PROBE_ONE_IN = 64;

    /** Made with the first read: most volumes read from few of many stores. */
    private short @Nullable [] counts;

    private int seen;
    private long p99Ns = UNKNOWN;
    private int lateness;
    private boolean slow;
    private int overdue;
    private int passedOver;

    /**
     * A read has been answered.
     *
     * @param delayNs with more than this it was late
     * @param told whether {@link #overdue} has said so already
     * @return whether the quantile is another one now
     */
    boolean answered(long tookNs, long delayNs, boolean told) {
        if (!told) {
            judge(tookNs > delayNs);
        }
        short[] histogram = counts;
        if (histogram == null) {
            histogram = new short[BUCKETS];
            counts = histogram;
        }
        histogram[bucketOf(tookNs)]++;
        if (++seen < WINDOW) {
            return false;
        }
        seen = 0;
        p99Ns = tailNs(histogram);
        for (int i = 0; i < BUCKETS; i++) {
            histogram[i] /= 2;
        }
        return true;
    }

    /** A read has not been answered in time; it still is in flight. */
    void overdue() {
        overdue++;
        judge(true);
    }

    /** One of those has ended. */
    void overdueEnded() {
        overdue = Math.max(0, overdue - 1);
    }

    private void judge(boolean late) {
        lateness = Math.clamp(lateness + (late ? LATE_WEIGHT : -1), 0, SLOW_MAX);
        slow = lateness >= SLOW || (slow && lateness > 0);
    }

    /** One in a hundred recent reads took longer; {@link #UNKNOWN} after too few. */
    long p99Ns() {
        return p99Ns;
    }

    boolean isSlow() {
        return slow;
    }

    /**
     * Whether the next read does better to ask somebody else. Now and then it does not, as long as
     * nothing that is overdue is still in flight: so a store that hangs gets no more reads.
     */
    boolean passOver() {
        return slow && (overdue > 0 || ++passedOver % PROBE_ONE_IN != 0);
    }

    /** It may be another store now. */
    void forget() {
        lateness = 0;
        slow = false;
        overdue = 0;
    }

    private static long tailNs(short[] histogram) {
        int total = 0;
        for (short count : histogram) {
            total += count;
        }
        int above = (int) (total * TAIL);
        int bucket = BUCKETS - 1;
        while (bucket > 0 && above >= histogram[bucket]) {
            above -= histogram[bucket--];
        }
        return boundNs(bucket);
    }

    static int bucketOf(long ns) {
        long units = Math.max(1, ns >>> UNIT_SHIFT);
        int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(units);
        return Math.min(BUCKETS - 1, octave * 4 + (int) (units << 2 >>> octave & 3));
    }

    /** No duration in the bucket is longer, the last one's aside. */
    static long boundNs(int bucket) {
        long quarters = 5 + bucket % 4;
        return (quarters << bucket / 4 << UNIT_SHIFT) / 4;
    }
}
