package io.stria.simulator;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import io.stria.placement.Placement;

/** Looks at every map: of no page are more chunks behind than it can lose (rule 1). */
final class BehindWatch {
    private BehindWatch() {}

    static void check(ClusterMap before, ClusterMap after) {
        for (VolumeEntry volume : after.volumes()) {
            VolumeEntry old = before.volume(volume.vuid()).orElse(null);
            boolean isNews =
                    old == null
                            || !old.behind().keySet().equals(volume.behind().keySet())
                            || !old.placing().equals(volume.placing());
            if (isNews && volume.behind().size() > Scheme.PARITY_FRAGMENTS) {
                check(after, volume);
            }
        }
    }

    private static void check(ClusterMap map, VolumeEntry volume) {
        Placing placing = volume.placing();
        Placement moved = Placement.of(map.listing(placing.to()));
        Placement unmoved = Placement.of(map.listing(placing.from()));
        int[] slots = new int[volume.scheme().fragments()];
        long pageBytes = (512L << map.pageShift()) * volume.scheme().dataFragments();
        long pages = (volume.sizeBytes() + pageBytes - 1) / pageBytes;
        for (long page = 0; page < pages; page++) {
            (page < placing.cursor() ? moved : unmoved)
                    .primary(volume.vuid(), page, volume.scheme(), slots);
            int behind = 0;
            for (int slot : slots) {
                behind += volume.behind().containsKey(slot) ? 1 : 0;
            }
            if (behind > Scheme.PARITY_FRAGMENTS) {
                throw new AssertionError(
                        "map %d: of page %d more than two chunks are behind, on slots %s"
                                .formatted(map.epoch(), page, volume.behind().keySet()));
            }
        }
    }
}
