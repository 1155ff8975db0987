package io.stria.node.metrics;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a volume's chunks are on their way to other slots.
 *
 * @param pages of the volume
 * @param cursor those of them that have been moved
 */
public record MovementFigures(long pages, long cursor) {
    static final MovementFigures NONE = new MovementFigures(0, 0);

    /** Of all volumes that move, by name. */
    public static Map<String, MovementFigures> of(ClusterMap map) {
        Map<String, MovementFigures> moving = new TreeMap<>();
        for (VolumeEntry volume : map.volumes()) {
            if (volume.placing().isMoving()) {
                moving.put(
                        volume.name(),
                        new MovementFigures(
                                volume.pages(map.pageShift()), volume.placing().cursor()));
            }
        }
        return moving;
    }
}
