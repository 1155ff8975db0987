package io.stria.perf.load;

import java.util.List;

/**
 * Begins IOs at even distances, whether those before have ended or not. One that finds all entries
 * of its queue taken begins later, and so do all after it; each counts from when it should have
 * begun, so that a target that stands still is not spared what would have come meanwhile.
 */
final class Pacer {
    private final double gapNs;
    private final long beganNs;
    private final List<IoLink> queues;
    private long begun;

    Pacer(double perSecond, long nowNs, List<IoLink> queues) {
        this.gapNs = 1e9 / perSecond;
        this.beganNs = nowNs;
        this.queues = queues;
    }

    /** Begins all whose time has come. */
    void poll(long nowNs) {
        while (true) {
            long dueNs = beganNs + (long) (begun * gapNs);
            IoLink queue = queues.get((int) (begun % queues.size()));
            if (dueNs > nowNs || !queue.begin(dueNs)) {
                return;
            }
            begun++;
        }
    }
}
