package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.MapCodec;
import io.stria.clustermap.MapFormatException;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.lang.management.ManagementFactory;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
    private static final Scheme TWO = new Scheme(2);
    private static final Scheme FOUR = new Scheme(4);
    private static final Scheme EIGHT = new Scheme(8);
    private static final int PAGES = 20_000;

    @Test
    void capsAreTheSmallestFeasible() {
        assertEquals(new Caps(4, 4, 1), caps(Clusters.even(4, 1), TWO));
        assertEquals(new Caps(4, 4, 2), caps(Clusters.even(3, 2), TWO));
        assertEquals(new Caps(6, 6, 2), caps(Clusters.even(5, 2), FOUR));
        assertEquals(
                new Caps(2, 2, 1), caps(Clusters.zoned(1, "a", "a", "b", "b", "c", "c"), FOUR));
        // Zones come first: two chunks in zone b mean two in its only node.
        assertEquals(new Caps(2, 2, 2), caps(Clusters.zoned(2, "a", "a", "a", "b"), TWO));
        // Zone b has one device: the other three chunks stand in zone a.
        assertEquals(new Caps(3, 3, 1), caps(Clusters.zoned(1, "a", "a", "a", "b"), TWO));
    }

    private static Caps caps(ClusterMap map, Scheme scheme) {
        return Placement.of(map).caps(scheme);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void everyPageObeysTheCaps(int dataFragments) {
        Scheme scheme = new Scheme(dataFragments);
        List<ClusterMap> maps =
                List.of(
                        Clusters.even(10, 1),
                        Clusters.even(3, 4),
                        Clusters.even(5, 2),
                        Clusters.zoned(3, "a", "a", "a", "b", "b", "c"),
                        Clusters.weighing(1, 1 << 20, 3, 1 << 20, 5, 9, 1 << 30, 1, 2, 1, 44, 17));
        for (ClusterMap map : maps) {
            Placement placement = Placement.of(map);
            for (long page = 0; page < PAGES; page++) {
                int[] slots = Pages.primary(placement, page, scheme);
                Pages.assertObeys(map, slots, placement.caps(scheme), scheme + ", page " + page);
            }
        }
    }

    @Test
    void evenDevicesGetEvenLoad() {
        for (Scheme scheme : List.of(TWO, FOUR, EIGHT)) {
            for (ClusterMap map : List.of(Clusters.even(10, 1), Clusters.even(24, 4))) {
                long[] load = load(map, scheme);
                double expected = (double) PAGES * scheme.fragments() / load.length;
                for (long chunks : load) {
                    assertEquals(expected, chunks, 4.5 * Math.sqrt(expected), scheme.toString());
                }
            }
        }
    }

    /**
     * Since the chunks of a page stand on different devices, heavy slots get a little less than
     * their share, and the less the longer the list is; here 2 % less at most, besides noise.
     */
    @Test
    void loadFollowsTheWeights() {
        long[] weights = LongStream.range(0, 120).map(i -> 1000 * (1 + i % 2)).toArray();
        long[] load = load(Clusters.weighing(weights), EIGHT);
        for (int slot = 0; slot < load.length; slot++) {
            double share = PAGES * 10.0 * weights[slot] / (120 * 1500);
            assertEquals(share, load[slot], 0.02 * share + 4.5 * Math.sqrt(share), "slot " + slot);
        }
    }

    private static long[] load(ClusterMap map, Scheme scheme) {
        Placement placement = Placement.of(map);
        long[] load = new long[map.slots().size()];
        for (long page = 0; page < PAGES; page++) {
            for (int slot : Pages.primary(placement, page, scheme)) {
                load[slot]++;
            }
        }
        return load;
    }

    /**
     * A draw moves to the new slot or not at all. A page's chunks also move when a collision they
     * gave way to is gone, or a new one has come: rarely where there are many more devices than
     * chunks, as here, and about as often as to the new slot where there are few.
     */
    @Test
    void anAdditionMovesLittleMoreThanItsShare() {
        ClusterMap map = Clusters.even(100, 1);
        ClusterMap grown = Clusters.add(map.withNode(Clusters.node(101, "", "")), 101, 1000);
        Placement before = Placement.of(map);
        Placement after = Placement.of(grown);
        long toNew = 0;
        long elsewhere = 0;
        for (long page = 0; page < PAGES * 5; page++) {
            int[] old = Pages.primary(before, page, FOUR);
            int[] now = Pages.primary(after, page, FOUR);
            for (int chunk = 0; chunk < now.length; chunk++) {
                toNew += now[chunk] == 100 ? 1 : 0;
                elsewhere += now[chunk] != 100 && now[chunk] != old[chunk] ? 1 : 0;
            }
        }
        double ideal = PAGES * 5 * 6 / 101.0;
        assertEquals(ideal, toNew, 4 * Math.sqrt(ideal));
        assertTrue(elsewhere < 0.07 * ideal, elsewhere + " elsewhere, ideal " + ideal);
    }

    @Test
    void aTombstoneMovesItsChunksAndNoOthers() {
        for (ClusterMap map : List.of(Clusters.even(7, 1), Clusters.even(8, 3))) {
            Placement before = Placement.of(map);
            Placement after = Placement.of(Clusters.remove(map, 3));
            for (long page = 0; page < PAGES; page++) {
                int[] old = Pages.primary(before, page, FOUR);
                int[] now = Pages.primary(after, page, FOUR);
                for (int chunk = 0; chunk < now.length; chunk++) {
                    assertEquals(old[chunk] == 3, now[chunk] != old[chunk], "page " + page);
                }
                Pages.assertObeys(map, now, before.caps(FOUR), "page " + page);
            }
        }
    }

    /**
     * The map does not say which of two tombstones came first, so pages that had chunks on both can
     * move one of the earlier: few where devices are many, one in six of the lost where 12 devices
     * hold 8+2. Rebuilding the second device has to compare all chunks of a page.
     */
    @Test
    void aSecondTombstoneMovesFewChunksOfTheFirst() {
        ClusterMap map = Clusters.even(30, 4);
        Placement one = Placement.of(Clusters.remove(map, 50));
        Placement both = Placement.of(Clusters.remove(map, 50, 11));
        int lost = 0;
        int moved = 0;
        for (long page = 0; page < PAGES; page++) {
            int[] old = Pages.primary(one, page, EIGHT);
            int[] now = Pages.primary(both, page, EIGHT);
            for (int chunk = 0; chunk < now.length; chunk++) {
                lost += old[chunk] == 11 ? 1 : 0;
                moved += old[chunk] != 11 && old[chunk] != now[chunk] ? 1 : 0;
            }
        }
        assertTrue(moved < 0.02 * lost, moved + " moved, " + lost + " lost");
    }

    @Test
    void whatWasRebuiltElsewhereIsAtHomeThereOnceTheDeviceIsRemoved() {
        ClusterMap map = Clusters.even(8, 3);
        Placement before = Placement.of(map);
        Placement after = Placement.of(Clusters.remove(map, 5));
        BitSet usable = Clusters.without(map, 5);
        for (long page = 0; page < PAGES; page++) {
            assertArrayEquals(
                    Pages.current(before, page, FOUR, usable),
                    Pages.primary(after, page, FOUR),
                    "page " + page);
        }
    }

    @Test
    void aDeviceInTheSlotOfATombstoneGetsItsChunksBack() {
        ClusterMap map = Clusters.even(7, 2);
        ClusterMap removed = Clusters.remove(map, 4);
        ClusterMap replaced = removed.withSlot(removed.slot(4).withState(DeviceState.ONLINE));
        assertFalse(Placement.of(removed).sameAs(Placement.of(map)));
        assertTrue(Placement.of(replaced).sameAs(Placement.of(map)));
        for (long page = 0; page < 1000; page++) {
            assertArrayEquals(
                    Pages.primary(Placement.of(map), page, FOUR),
                    Pages.primary(Placement.of(replaced), page, FOUR));
        }
    }

    @Test
    void chunksWithoutADeviceAreNowhereAndTheOthersStay() {
        ClusterMap map = Clusters.even(5, 1);
        Placement placement = Placement.of(map);
        BitSet usable = Clusters.without(map, 0, 1);
        for (long page = 0; page < 1000; page++) {
            int[] primary = Pages.primary(placement, page, TWO);
            int[] now = new int[4];
            assertEquals(1, placement.current(Pages.VUID, page, TWO, primary, usable, now));
            for (int chunk = 0; chunk < 4; chunk++) {
                assertTrue(primary[chunk] < 2 || now[chunk] == primary[chunk], "page " + page);
            }
        }
        assertEquals(
                "unplaceable: all 4 chunks of a page of 2+2 stand on different devices,"
                        + " and 3 are usable",
                placement.unplaceable(TWO, usable));
    }

    @Test
    void tombstonesNeverCountAsUsable() {
        ClusterMap map = Clusters.remove(Clusters.even(5, 1), 0, 1);
        Placement placement = Placement.of(map);
        int[] slots = new int[4];
        for (long page = 0; page < 1000; page++) {
            assertEquals(1, placement.primary(Pages.VUID, page, TWO, slots));
            assertEquals(
                    1, placement.current(Pages.VUID, page, TWO, slots, Clusters.all(map), slots));
        }
        assertTrue(placement.unplaceable(TWO, Clusters.all(map)).endsWith("and 3 are usable"));
    }

    @Test
    void aListThatIsTooShortIsRefusedByName() {
        Placement placement = Placement.of(Clusters.even(3, 1));
        String reason =
                String.valueOf(
                        assertThrows(
                                        UnplaceableException.class,
                                        () -> placement.primary(1, 0, TWO, new int[4]))
                                .getMessage());
        assertEquals(
                "unplaceable: all 4 chunks of a page of 2+2 stand on different devices,"
                        + " and 3 are listed",
                reason);
        assertEquals(0, placement.primary(1, 0, new Scheme(1), new int[3]));
        assertThrows(
                UnplaceableException.class,
                () -> Placement.of(Clusters.empty()).primary(1, 0, TWO, new int[4]));
    }

    @Test
    void nodesThatDecodedTheMapPlaceAlike() throws MapFormatException {
        for (long seed = 0; seed < 50; seed++) {
            ClusterMap map = random(new SplittableRandom(seed));
            Placement here = Placement.of(map);
            Placement there = Placement.of(MapCodec.decodeFull(MapCodec.encodeFull(map)));
            assertTrue(here.sameAs(there), "seed " + seed);
            for (long page = 0; page < 200; page++) {
                int[] slots = Pages.primary(here, page, FOUR);
                assertArrayEquals(slots, Pages.primary(there, page, FOUR), "seed " + seed);
            }
        }
    }

    static ClusterMap random(SplittableRandom random) {
        ClusterMap map = Clusters.empty();
        int nodes = 3 + random.nextInt(10);
        for (int node = 1; node <= nodes; node++) {
            map =
                    map.withNode(
                            Clusters.node(node, "z" + random.nextInt(3), "r" + random.nextInt(3)));
            for (int left = 2 + random.nextInt(4); left > 0; left--) {
                map = Clusters.add(map, node, 1 + random.nextInt(4000));
            }
        }
        return map;
    }

    @Test
    void changesThatDoNotTouchTheListPlaceAlike() {
        ClusterMap map = Clusters.even(4, 1);
        VolumeEntry volume =
                new VolumeEntry(
                        1,
                        new UUID(1, 1),
                        "v",
                        "nqn.v",
                        4096,
                        TWO,
                        Tolerance.NODE,
                        VolumeState.ONLINE,
                        1,
                        1,
                        List.of(1),
                        new TreeMap<>());
        ClusterMap changed =
                map.withVolume(volume)
                        .withSlot(map.slot(2).withState(DeviceState.FAILED))
                        .withVolume(volume.withOwner(1));
        assertTrue(Placement.of(map).sameAs(Placement.of(changed)));
        assertFalse(Placement.of(map).sameAs(Placement.of(Clusters.add(map, 1, 1000))));
        assertFalse(
                Placement.of(Clusters.weighing(2, 1)).sameAs(Placement.of(Clusters.weighing(2, 3))),
                "a device of the same slot has another weight");
        assertFalse(
                Placement.of(map)
                        .sameAs(Placement.of(map.withNode(Clusters.node(2, "far away", "")))));
    }

    @Test
    void placingAllocatesNothing() {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ClusterMap map = Clusters.remove(Clusters.even(12, 2), 3);
        Placement placement = Placement.of(map);
        PlacementCache cache = new PlacementCache(1, EIGHT, 64, placement);
        BitSet usable = Clusters.withoutNodes(map, 1, 2);
        int[] slots = new int[10];
        long allocated = 0;
        // The first round may load classes.
        for (int round = 0; round < 2; round++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            for (long page = 0; page < 5_000; page++) {
                placement.primary(1, page, EIGHT, slots);
                placement.current(1, page, EIGHT, slots, usable, slots);
                cache.primary(page % 1000, slots);
            }
            allocated = thread.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(allocated < 1024, allocated + " bytes for 5000 pages");
    }
}
