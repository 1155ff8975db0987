package io.stria.perf.load;

import org.HdrHistogram.Histogram;

/** What a host has seen in a window. Belongs to the host's thread. */
final class LoadCounts {
    private static final long LATENCY_MAX_NS = 60_000_000_000L;

    final Histogram readNs = new Histogram(LATENCY_MAX_NS, 3);
    final Histogram writeNs = new Histogram(LATENCY_MAX_NS, 3);
    long ended;
    long failed;

    void reset() {
        readNs.reset();
        writeNs.reset();
        ended = 0;
        failed = 0;
    }

    void onEnded(boolean write, long elapsedNs) {
        (write ? writeNs : readNs).recordValue(Math.clamp(elapsedNs, 1, LATENCY_MAX_NS));
        ended++;
    }

    Histogram all() {
        Histogram sum = readNs.copy();
        sum.add(writeNs);
        return sum;
    }
}
