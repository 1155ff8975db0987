package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.clustermap.Scheme;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PlacementCacheTest {
    private static final Scheme FOUR = new Scheme(4);

    private final Placement placement = Placement.of(Clusters.even(8, 2));

    @Test
    void answersAsPlacementDoes() {
        PlacementCache cache = new PlacementCache(Pages.VUID, FOUR, 64, placement);
        int[] slots = new int[6];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 5_000; i++) {
            long page = random.nextInt(200);
            cache.primary(page, slots);
            assertArrayEquals(Pages.primary(placement, page, FOUR), slots, "page " + page);
        }
    }

    /** An entry that has never been used says nothing about any page. */
    @Test
    void answersForTheFirstPageOfAVolumeToo() {
        int[] slots = new int[6];
        new PlacementCache(Pages.VUID, FOUR, 1, placement).primary(0, slots);
        assertArrayEquals(Pages.primary(placement, 0, FOUR), slots);
    }

    @Test
    void whatTheCallerDoesToAnAnswerIsNotRemembered() {
        PlacementCache cache = new PlacementCache(Pages.VUID, FOUR, 1, placement);
        int[] slots = new int[6];
        cache.primary(3, slots);
        slots[0] = -1;
        cache.primary(3, slots);
        assertArrayEquals(Pages.primary(placement, 3, FOUR), slots);
    }

    @Test
    void aPageThatCannotBePlacedIsNotRemembered() {
        Placement tooShort = Placement.of(Clusters.even(4, 1));
        PlacementCache cache = new PlacementCache(Pages.VUID, FOUR, 1, tooShort);
        int[] slots = new int[6];
        assertThrows(UnplaceableException.class, () -> cache.primary(3, slots));
        assertThrows(UnplaceableException.class, () -> cache.primary(3, slots));
    }

    @Test
    void itsSizeIsAPowerOfTwo() {
        for (int entries : new int[] {0, -1, 3, 100}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new PlacementCache(1, FOUR, entries, placement));
        }
    }
}
