package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.placement.Feasibility;
import java.util.HashMap;
import java.util.Map;

/** What a map can hold of its volumes: they are many, and what they were made as is not. */
final class Fits {
    private final ClusterMap map;
    private final Map<Kind, Feasibility> known = new HashMap<>();

    private record Kind(Scheme scheme, Tolerance tolerance) {}

    Fits(ClusterMap map) {
        this.map = map;
    }

    Feasibility of(VolumeEntry volume) {
        return known.computeIfAbsent(
                new Kind(volume.scheme(), volume.tolerance()),
                kind -> Feasibility.check(map, kind.scheme(), kind.tolerance()));
    }
}
