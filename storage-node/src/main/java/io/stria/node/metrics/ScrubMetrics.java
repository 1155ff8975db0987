package io.stria.node.metrics;

import io.stria.dataplane.volume.ScrubFigures;
import java.util.function.ToLongFunction;

/** What scrubs of volumes owned here have done. */
final class ScrubMetrics {
    private ScrubMetrics() {}

    static void write(Exposition out, DataPlaneFigures figures) {
        out.gauge(
                "stria_volume_scrubbing_pages",
                "Pages that the scrub which runs has compared so far; 0 without one, and where the"
                        + " volume is not owned",
                points -> add(points, figures, ScrubFigures::pagesDone));
        out.gauge(
                "stria_volume_pages",
                "Pages of the volume; 0 where it is not owned",
                points -> add(points, figures, ScrubFigures::pages));
        out.counter(
                "stria_volume_scrubs",
                "Scrubs that have come to their end, since the volume's owner here began",
                points -> add(points, figures, ScrubFigures::passes));
        out.counter(
                "stria_volume_scrubbed_blocks",
                "Blocks of which scrubs have compared all fragments, since then",
                points -> add(points, figures, ScrubFigures::blocks));
        out.counter(
                "stria_volume_scrub_faults",
                "Fragments that scrubs have found wrong or missing, since then",
                points -> add(points, figures, ScrubFigures::faults));
        out.counter(
                "stria_volume_scrub_repairs",
                "Those of them that have been written again, since then",
                points -> add(points, figures, ScrubFigures::repaired));
        out.counter(
                "stria_volume_scrub_strays",
                "Chunks that scrubs have found where they do not belong, since then",
                points -> add(points, figures, ScrubFigures::strays));
    }

    private static void add(
            Exposition.Points points,
            DataPlaneFigures figures,
            ToLongFunction<ScrubFigures> figure) {
        for (String name : figures.volumes().keySet()) {
            ScrubFigures of = figures.scrubs().getOrDefault(name, ScrubFigures.NONE);
            points.add(figure.applyAsLong(of), "volume", name);
        }
    }
}
