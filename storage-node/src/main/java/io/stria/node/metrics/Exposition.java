package io.stria.node.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.stria.runtime.LatencyHistogram;
import java.util.function.Consumer;

/** Metric families of one scrape, built one after the other. */
final class Exposition {
    private static final double SECONDS = 1e-9;

    /** Takes the members of a family; labels are names and values in turn. */
    interface Points {
        void add(double value, String... labels);
    }

    /** Takes the members of a family of histograms. */
    interface Histograms {
        void add(LatencyHistogram histogram, String... labels);
    }

    private final MetricSnapshots.Builder families = MetricSnapshots.builder();

    MetricSnapshots build() {
        return families.build();
    }

    /**
     * @param name without {@code _total}, which every counter gets
     */
    void counter(String name, String help, Consumer<Points> members) {
        CounterSnapshot.Builder family = CounterSnapshot.builder().name(name).help(help);
        members.accept((value, labels) ->
                family.dataPoint(
                        CounterDataPointSnapshot.builder()
                                .value(value)
                                .labels(Labels.of(labels))
                                .build()));
        families.metricSnapshot(family.build());
    }

    void gauge(String name, String help, Consumer<Points> members) {
        GaugeSnapshot.Builder family = GaugeSnapshot.builder().name(name).help(help);
        members.accept((value, labels) ->
                family.dataPoint(
                        GaugeDataPointSnapshot.builder()
                                .value(value)
                                .labels(Labels.of(labels))
                                .build()));
        families.metricSnapshot(family.build());
    }

    void histogram(String name, String help, Consumer<Histograms> members) {
        HistogramSnapshot.Builder family = HistogramSnapshot.builder().name(name).help(help);
        members.accept((histogram, labels) ->
                family.dataPoint(
                        HistogramDataPointSnapshot.builder()
                                .classicHistogramBuckets(buckets(histogram))
                                .sum(histogram.sumNs() * SECONDS)
                                .labels(Labels.of(labels))
                                .build()));
        families.metricSnapshot(family.build());
    }

    private static ClassicHistogramBuckets buckets(LatencyHistogram histogram) {
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < LatencyHistogram.buckets(); i++) {
            long boundNs = LatencyHistogram.boundNs(i);
            // A quotient is the nearest double of the decimal bound; a product is not.
            double bound = boundNs == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : boundNs / 1e9;
            buckets.bucket(bound, histogram.count(i));
        }
        return buckets.build();
    }
}
