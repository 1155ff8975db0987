package io.stria.runtime;

import java.util.concurrent.TimeUnit;

/**
 * Durations in fixed buckets, six to a decade from 10 us to 10 s: the largest error of a quantile
 * read from them is a half of its value. Written by one reactor and read by any thread, as {@link
 * Counters} are.
 */
public final class LatencyHistogram {
    private static final long[] STEPS = {10, 15, 20, 30, 50, 70};
    private static final int DECADES = 6;
    private static final long[] BOUNDS_NS = bounds();
    private static final int SUM = BOUNDS_NS.length + 1;

    /** How many there were per bucket, the one without a bound last; then the sum in ns. */
    private final Counters counters = new Counters(SUM + 1);

    private static long[] bounds() {
        long[] bounds = new long[STEPS.length * DECADES + 1];
        long unitNs = TimeUnit.MICROSECONDS.toNanos(1);
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = STEPS[i % STEPS.length] * unitNs;
            if (i % STEPS.length == STEPS.length - 1) {
                unitNs *= 10;
            }
        }
        return bounds;
    }

    /** On the owner's thread. */
    public void record(long ns) {
        counters.increment(bucketOf(ns));
        counters.add(SUM, Math.max(0, ns));
    }

    /** The first bucket whose bound is not below; found in six comparisons. */
    static int bucketOf(long ns) {
        int low = 0;
        int high = BOUNDS_NS.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (BOUNDS_NS[middle] < ns) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Buckets, the one without a bound included. */
    public static int buckets() {
        return BOUNDS_NS.length + 1;
    }

    /** Longest duration of the bucket; {@code Long.MAX_VALUE} of the last. */
    public static long boundNs(int bucket) {
        return bucket == BOUNDS_NS.length ? Long.MAX_VALUE : BOUNDS_NS[bucket];
    }

    /** Durations in this bucket alone. */
    public long count(int bucket) {
        return counters.get(bucket);
    }

    public long count() {
        long count = 0;
        for (int i = 0; i < buckets(); i++) {
            count += counters.get(i);
        }
        return count;
    }

    public long sumNs() {
        return counters.get(SUM);
    }
}
