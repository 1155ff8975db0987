package io.stria.simulator;

import java.time.Duration;

/**
 * What was simulated in each minute of this machine's time.
 *
 * @param cpuShare of the time of all CPUs that this process had since it began: with other work
 *     beside it, it gets less of a machine than there is
 */
record Pace(double hours, double writes, double faults, double cpuShare) {
    private static final double MINUTE_NS = 60e9;
    private static final double HOUR_MS = 3_600_000;

    static Pace of(Outcome outcome, long wallNs) {
        double minutes = Math.max(1, wallNs) / MINUTE_NS;
        long cpuNs =
                ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
        int cpus = Runtime.getRuntime().availableProcessors();
        return new Pace(
                outcome.simulatedMs() / HOUR_MS / minutes,
                outcome.writes() / minutes,
                outcome.faults() / minutes,
                Math.min(1, (double) cpuNs / Math.max(1, wallNs) / cpus));
    }

    @Override
    public String toString() {
        return ("per minute: %.1f hours simulated, %,.0f writes acknowledged, %,.0f faults, with"
                        + " %.0f %% of the CPUs' time")
                .formatted(hours, writes, faults, 100 * cpuShare);
    }
}
