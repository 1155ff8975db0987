package io.stria.perf.load;

import org.HdrHistogram.Histogram;

/** How long IOs took; NaN throughout where there was none. */
public record Latency(double meanUs, double p50Us, double p99Us, double p999Us, double maxUs) {
    public static final Latency NONE =
            new Latency(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    private static final double NS_PER_US = 1e3;

    static Latency of(Histogram ns) {
        return ns.getTotalCount() == 0
                ? NONE
                : new Latency(
                        ns.getMean() / NS_PER_US,
                        ns.getValueAtPercentile(50) / NS_PER_US,
                        ns.getValueAtPercentile(99) / NS_PER_US,
                        ns.getValueAtPercentile(99.9) / NS_PER_US,
                        ns.getMaxValue() / NS_PER_US);
    }
}
