package io.stria.perf.load;

import java.util.Locale;

/**
 * What a window has shown.
 *
 * @param all reads and writes
 * @param cpuUs processor time of the target for each IO; NaN if it was not asked for
 */
public record LoadResult(
        long ios,
        long failed,
        double seconds,
        Latency all,
        Latency reads,
        Latency writes,
        double cpuUs,
        double hostCpuUs) {
    public double meanUs() {
        return all.meanUs();
    }

    public double p50Us() {
        return all.p50Us();
    }

    public double p99Us() {
        return all.p99Us();
    }

    public double p999Us() {
        return all.p999Us();
    }

    public double iops() {
        return ios / seconds;
    }

    /** IOs of one second of the target's processor time. */
    public double iopsPerCore() {
        return 1e6 / cpuUs;
    }

    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"ios\":%d,\"failed\":%d,\"iops\":%.0f,\"meanUs\":%.1f,\"p50Us\":%.1f,\"p99Us\":%.1f,"
                        + "\"p999Us\":%.1f,\"targetCpuUsPerIo\":%s,\"hostCpuUsPerIo\":%.3f}",
                ios,
                failed,
                iops(),
                meanUs(),
                p50Us(),
                p99Us(),
                p999Us(),
                Double.isNaN(cpuUs) ? "null" : String.format(Locale.ROOT, "%.3f", cpuUs),
                hostCpuUs);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,9.0f IO/s  mean %,8.1f  p50 %,8.1f  p99 %,8.1f  p99.9 %,8.1f us  target %6.2f us/IO  host %5.2f us/IO%s",
                iops(),
                meanUs(),
                p50Us(),
                p99Us(),
                p999Us(),
                cpuUs,
                hostCpuUs,
                failed > 0 ? "  FAILED " + failed : "");
    }
}
