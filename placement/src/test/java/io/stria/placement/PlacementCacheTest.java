package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.Scheme;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PlacementCacheTest {
    private static final Scheme FOUR = new Scheme(4);

    private final ClusterMap map = Clusters.even(8, 2);
    private final Placement placement = Placement.of(map);
    private final BitSet all = Clusters.all(map);

    @Test
    void answersAsPlacementDoesThroughAllChanges() {
        PlacementCache cache = new PlacementCache(Pages.VUID, FOUR, 64, placement, all);
        assertAnswers(cache, placement, all);
        BitSet fewer = Clusters.without(map, 1, 7);
        cache.onMap(placement, fewer);
        assertAnswers(cache, placement, fewer);
        Placement removed = Placement.of(Clusters.remove(map, 4));
        cache.onMap(removed, fewer);
        assertAnswers(cache, removed, fewer);
        cache.onMap(Placement.of(map), all);
        assertAnswers(cache, placement, all);
    }

    private static void assertAnswers(PlacementCache cache, Placement placement, BitSet usable) {
        int[] slots = new int[6];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 5_000; i++) {
            long page = random.nextInt(200);
            cache.primary(page, slots);
            assertArrayEquals(Pages.primary(placement, page, FOUR), slots, "page " + page);
            cache.current(page, slots);
            assertArrayEquals(Pages.current(placement, page, FOUR, usable), slots, "page " + page);
        }
    }

    @Test
    void laterChangesOfTheCallersSetAreNotSeen() {
        BitSet usable = (BitSet) all.clone();
        PlacementCache cache = new PlacementCache(Pages.VUID, FOUR, 64, placement, usable);
        usable.clear();
        assertAnswers(cache, placement, all);
    }

    @Test
    void aPageThatCannotBePlacedIsNotRemembered() {
        Placement tooShort = Placement.of(Clusters.even(4, 1));
        PlacementCache cache = new PlacementCache(Pages.VUID, FOUR, 1, tooShort, all);
        int[] slots = new int[6];
        assertThrows(UnplaceableException.class, () -> cache.primary(3, slots));
        assertThrows(UnplaceableException.class, () -> cache.primary(3, slots));
        cache.onMap(placement, all);
        cache.primary(3, slots);
        assertArrayEquals(Pages.primary(placement, 3, FOUR), slots);
    }

    @Test
    void itsSizeIsAPowerOfTwo() {
        for (int entries : new int[] {0, -1, 3, 100}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new PlacementCache(1, FOUR, entries, placement, all));
        }
    }
}
