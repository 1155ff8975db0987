package io.stria.dataplane.study;

import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * What something costs beside something else. Both are timed in turn, in samples that are long
 * beside the clock's own time and short beside a time slice; the time of each is a low percentile
 * of its samples: that of a core that nobody disturbed, on a busy machine too.
 */
final class Samples {
    private static final int PERCENTILE = 10;

    private final int count;
    private final int calls;

    /**
     * @param calls in one sample
     */
    Samples(int count, int calls) {
        this.count = count;
        this.calls = calls;
    }

    /**
     * @param what a call; its results keep the compiler from leaving it out
     * @return its time by that of the reference
     */
    double ratio(LongSupplier what, LongSupplier reference) {
        long[] own = new long[count];
        long[] other = new long[count];
        for (int i = 0; i < count; i++) {
            own[i] = nanos(what);
            other[i] = nanos(reference);
        }
        return low(own) / low(other);
    }

    private long nanos(LongSupplier what) {
        long seen = 0;
        long beganNs = System.nanoTime();
        for (int call = 0; call < calls; call++) {
            seen += what.getAsLong();
        }
        long tookNs = System.nanoTime() - beganNs;
        return seen == Long.MIN_VALUE ? 0 : tookNs;
    }

    static double low(long[] samples) {
        Arrays.sort(samples);
        return samples[samples.length * PERCENTILE / 100];
    }

    /** The middle one, or the mean of the two in the middle. */
    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
