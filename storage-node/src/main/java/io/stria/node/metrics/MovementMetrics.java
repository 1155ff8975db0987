package io.stria.node.metrics;

import java.util.Set;

/** How far the chunks of volumes presented here are on their way to other slots. */
final class MovementMetrics {
    private MovementMetrics() {}

    static void write(Exposition out, DataPlaneFigures figures) {
        Set<String> volumes = figures.volumes().keySet();
        out.gauge(
                "stria_volume_moving_pages",
                "Pages of the volume while its chunks are on their way to other slots; 0 when"
                        + " nothing moves",
                points ->
                        volumes.forEach(
                                name -> points.add(of(figures, name).pages(), "volume", name)));
        out.gauge(
                "stria_volume_moved_pages",
                "Those of them that have been moved: the cursor",
                points ->
                        volumes.forEach(
                                name -> points.add(of(figures, name).cursor(), "volume", name)));
        out.counter(
                "stria_volume_moved_bytes",
                "Data of fragments that the volume's owner here wrote to other slots, since it"
                        + " began",
                points ->
                        volumes.forEach(name ->
                                points.add(
                                        figures.movedBytes().getOrDefault(name, 0L),
                                        "volume",
                                        name)));
        out.gauge(
                "stria_volume_moving_limit_bytes",
                "Bytes per second that hosts' IO leaves to the movement of a volume owned here; 0"
                        + " when nothing moves, or no host is there",
                points ->
                        volumes.forEach(name ->
                                points.add(
                                        figures.movementRates().getOrDefault(name, 0L),
                                        "volume",
                                        name)));
    }

    private static MovementFigures of(DataPlaneFigures figures, String volume) {
        return figures.movements().getOrDefault(volume, MovementFigures.NONE);
    }
}
