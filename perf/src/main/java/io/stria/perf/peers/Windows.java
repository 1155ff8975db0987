package io.stria.perf.peers;

import io.stria.perf.load.LoadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** All windows of one peer with one workload, and what was counted beside them. */
final class Windows {
    final String peer;
    final String workload;
    private final List<LoadResult> results = new ArrayList<>();
    double callsPerIo = Double.NaN;
    double allocatedPerIo = Double.NaN;
    double writtenPerByte = Double.NaN;

    Windows(String peer, String workload) {
        this.peer = peer;
        this.workload = workload;
    }

    void add(LoadResult result) {
        results.add(result);
    }

    boolean isEmpty() {
        return results.isEmpty();
    }

    double median(ToDoubleFunction<LoadResult> figure) {
        double[] sorted = results.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double largest(ToDoubleFunction<LoadResult> figure) {
        return results.stream().mapToDouble(figure).max().orElse(Double.NaN);
    }

    long failed() {
        return results.stream().mapToLong(LoadResult::failed).sum();
    }

    double iopsPerCore() {
        return median(LoadResult::iopsPerCore);
    }

    double meanUs() {
        return median(LoadResult::meanUs);
    }

    String json() {
        return "{\"peer\":\"%s\",\"workload\":\"%s\",\"windows\":%d,\"failed\":%d,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s}"
                .formatted(
                        peer,
                        workload,
                        results.size(),
                        failed(),
                        field("iops", median(LoadResult::iops)),
                        field("iopsPerCore", iopsPerCore()),
                        field("meanUs", meanUs()),
                        field("p50Us", median(LoadResult::p50Us)),
                        field("p99Us", median(LoadResult::p99Us)),
                        field("p999Us", median(LoadResult::p999Us)),
                        field("targetCpuUsPerIo", median(LoadResult::cpuUs)),
                        field("hostCpuUsPerIo", median(LoadResult::hostCpuUs)),
                        field("systemCallsPerIo", callsPerIo),
                        field("allocatedBytesPerIo", allocatedPerIo),
                        field("deviceBytesPerHostByte", writtenPerByte));
    }

    static String field(String name, double value) {
        String text = Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "null";
        return "\"" + name + "\":" + text;
    }

    String row() {
        return String.format(
                "%-14s %-6s %,10.0f %,11.0f %9.1f %9.1f %9.1f %9.1f %8.2f %6s %6s %6s",
                workload,
                peer,
                median(LoadResult::iops),
                iopsPerCore(),
                meanUs(),
                median(LoadResult::p50Us),
                median(LoadResult::p99Us),
                median(LoadResult::p999Us),
                median(LoadResult::cpuUs),
                short1(callsPerIo),
                short1(allocatedPerIo),
                short1(writtenPerByte));
    }

    private static String short1(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "-";
    }
}
