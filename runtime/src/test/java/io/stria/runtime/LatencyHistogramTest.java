package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    @Test
    void aDurationIsInTheFirstBucketThatHoldsIt() {
        for (int bucket = 0; bucket < LatencyHistogram.buckets() - 1; bucket++) {
            long boundNs = LatencyHistogram.boundNs(bucket);
            assertEquals(bucket, LatencyHistogram.bucketOf(boundNs));
            assertEquals(bucket + 1, LatencyHistogram.bucketOf(boundNs + 1));
        }
        assertEquals(0, LatencyHistogram.bucketOf(0));
        assertEquals(0, LatencyHistogram.bucketOf(-1));
        assertEquals(LatencyHistogram.buckets() - 1, LatencyHistogram.bucketOf(Long.MAX_VALUE));
    }

    @Test
    void boundsGoFromTenMicrosecondsToTenSecondsInSteadySteps() {
        assertEquals(10_000, LatencyHistogram.boundNs(0));
        int last = LatencyHistogram.buckets() - 2;
        assertEquals(10_000_000_000L, LatencyHistogram.boundNs(last));
        for (int i = 1; i <= last; i++) {
            double step = (double) LatencyHistogram.boundNs(i) / LatencyHistogram.boundNs(i - 1);
            assertTrue(step > 1.3 && step < 1.7, "step " + step + " to bucket " + i);
        }
    }

    @Test
    void sumAndCountAreThoseOfWhatWasRecorded() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(9_000);
        histogram.record(12_000);
        histogram.record(-5);
        histogram.record(60_000_000_000L);
        assertEquals(4, histogram.count());
        assertEquals(60_000_021_000L, histogram.sumNs());
        assertEquals(2, histogram.count(0));
        assertEquals(1, histogram.count(1));
        assertEquals(1, histogram.count(LatencyHistogram.buckets() - 1));
    }

    @Test
    void recordingAllocatesNothing() {
        LatencyHistogram histogram = new LatencyHistogram();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            histogram.record(i * 1000L);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100_000; i++) {
            histogram.record(i * 1000L);
        }
        // What asking allocates itself is a few hundred bytes.
        assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 10_000);
    }

    @Test
    void anotherThreadSeesFiguresThatOnlyGrow() throws InterruptedException {
        LatencyHistogram histogram = new LatencyHistogram();
        Thread writer =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; i < 1_000_000; i++) {
                                histogram.record(20_000);
                            }
                        });
        long seen = 0;
        while (writer.isAlive()) {
            long count = histogram.count();
            assertTrue(count >= seen);
            seen = count;
        }
        writer.join();
        assertEquals(1_000_000, histogram.count());
        assertEquals(20_000_000_000L, histogram.sumNs());
    }
}
