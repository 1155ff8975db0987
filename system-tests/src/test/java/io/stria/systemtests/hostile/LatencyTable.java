package io.stria.systemtests.hostile;

import io.stria.systemtests.host.FioResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Latencies of one load under several conditions that took turns; each is the median of rounds. */
final class LatencyTable {
    private final Map<String, List<FioResult>> results = new LinkedHashMap<>();

    void add(String condition, FioResult result) {
        results.computeIfAbsent(condition, _ -> new ArrayList<>()).add(result);
    }

    /** 99th percentiles of each condition's latest round, a line. */
    String lastRound() {
        StringBuilder line = new StringBuilder("  p99 us, writes and reads:");
        results.forEach((condition, rounds) ->
                line.append(
                        "  %s %.0f %.0f"
                                .formatted(
                                        condition,
                                        rounds.getLast().writes().p99Us(),
                                        rounds.getLast().reads().p99Us())));
        return line.append('\n').toString();
    }

    /** The ratios are those to the first condition. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        table.append(
                "%n%-24s %8s %10s %10s %8s %8s%n"
                        .formatted("4 KiB", "IOs", "p50 us", "p99 us", "p50 x", "p99 x"));
        results.keySet().forEach(condition -> row(table, "write", condition, FioResult::writes));
        results.keySet().forEach(condition -> row(table, "read", condition, FioResult::reads));
        return table.toString();
    }

    private void row(
            StringBuilder table,
            String what,
            String condition,
            Function<FioResult, FioResult.Side> side) {
        String first = results.keySet().iterator().next();
        double p50Us = median(condition, result -> side.apply(result).p50Us());
        double p99Us = median(condition, result -> side.apply(result).p99Us());
        long operations =
                results.getOrDefault(condition, List.of()).stream()
                        .mapToLong(result -> side.apply(result).operations())
                        .sum();
        table.append(
                "%-6s%-18s %8d %10.0f %10.0f %8.2f %8.2f%n"
                        .formatted(
                                what,
                                condition,
                                operations,
                                p50Us,
                                p99Us,
                                p50Us / median(first, result -> side.apply(result).p50Us()),
                                p99Us / median(first, result -> side.apply(result).p99Us())));
    }

    private double median(String condition, ToDoubleFunction<FioResult> value) {
        double[] sorted =
                results.getOrDefault(condition, List.of()).stream()
                        .mapToDouble(value)
                        .sorted()
                        .toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
