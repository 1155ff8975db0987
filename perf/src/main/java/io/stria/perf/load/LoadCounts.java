package io.stria.perf.load;

import org.HdrHistogram.Histogram;

/** What a host has seen in a window. Belongs to the host's thread. */
final class LoadCounts {
    private static final long LATENCY_MAX_NS = 60_000_000_000L;

    final Histogram latencyNs = new Histogram(LATENCY_MAX_NS, 3);
    long failed;

    void reset() {
        latencyNs.reset();
        failed = 0;
    }

    void onEnded(long elapsedNs) {
        latencyNs.recordValue(Math.clamp(elapsedNs, 1, LATENCY_MAX_NS));
    }
}
