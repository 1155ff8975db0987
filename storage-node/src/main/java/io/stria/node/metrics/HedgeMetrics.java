package io.stria.node.metrics;

import io.stria.dataplane.volume.HedgeFigures;
import java.util.function.ToDoubleFunction;

/** What became of reads that met a slow device, of volumes owned here. */
final class HedgeMetrics {
    private static final double NS_PER_S = 1e9;

    private HedgeMetrics() {}

    static void write(Exposition out, DataPlaneFigures figures) {
        out.counter(
                "stria_volume_hedged_reads",
                "Reads that waited for a device for too long, and asked others as well, since the"
                        + " volume's owner here began",
                points -> add(points, figures, HedgeFigures::hedged));
        out.counter(
                "stria_volume_detoured_reads",
                "Reads that asked others from the beginning, since a device was slow, since then",
                points -> add(points, figures, HedgeFigures::detours));
        out.gauge(
                "stria_volume_hedge_delay_seconds",
                "How long a read waits now before it is hedged; 0 where none is, and where the"
                        + " volume is not owned",
                points -> add(points, figures, of -> of.delayNs() / NS_PER_S));
    }

    private static void add(
            Exposition.Points points,
            DataPlaneFigures figures,
            ToDoubleFunction<HedgeFigures> figure) {
        for (String name : figures.volumes().keySet()) {
            HedgeFigures of = figures.hedges().getOrDefault(name, HedgeFigures.NONE);
            points.add(figure.applyAsDouble(of), "volume", name);
        }
    }
}
