package io.stria.node.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.function.Supplier;

/**
 * The data plane's part of {@code /metrics}. Members follow what is there when somebody asks: a
 * volume or device that has gone is not in the next answer. {@code docs/metrics.md} lists them.
 */
public final class NodeMetrics implements MultiCollector {
    private final Supplier<DataPlaneFigures> source;

    public NodeMetrics(Supplier<DataPlaneFigures> source) {
        this.source = source;
    }

    @Override
    public MetricSnapshots collect() {
        DataPlaneFigures figures = source.get();
        Exposition out = new Exposition();
        reactors(out, figures);
        TargetMetrics.write(out, figures.target());
        PeerMetrics.write(out, figures.peers());
        VolumeMetrics.write(out, figures.volumes(), figures.caughtUpBlocks());
        MovementMetrics.write(out, figures);
        ScrubMetrics.write(out, figures);
        HedgeMetrics.write(out, figures);
        DeviceMetrics.write(out, figures.devices());
        return out.build();
    }

    private static void reactors(Exposition out, DataPlaneFigures figures) {
        out.counter(
                "stria_reactor_busy_seconds",
                "Time in loops that did work; its share of busy and idle is the load",
                points ->
                        figures.reactors()
                                .forEach((name, c) ->
                                        points.add(c.busyNs() / 1e9, "reactor", name)));
        out.counter(
                "stria_reactor_idle_seconds",
                "Time in loops that found nothing to do, and asleep",
                points ->
                        figures.reactors()
                                .forEach((name, c) ->
                                        points.add(c.idleNs() / 1e9, "reactor", name)));
        out.counter(
                "stria_reactor_loops",
                "Turns of the loop",
                points ->
                        figures.reactors()
                                .forEach((name, c) -> points.add(c.loops(), "reactor", name)));
        out.counter(
                "stria_reactor_sleeps",
                "Times that it went to sleep in the kernel",
                points ->
                        figures.reactors()
                                .forEach((name, c) -> points.add(c.sleeps(), "reactor", name)));
    }
}
