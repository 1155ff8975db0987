package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Scheme;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LossTest {
    private static final Scheme TWO = new Scheme(2);
    private static final Scheme FOUR = new Scheme(4);
    private static final Scheme EIGHT = new Scheme(8);
    private static final int PAGES = 2_000;

    @Test
    void anyTwoNodesOfFiveLeaveTwoChunksOfTwoPlusTwo() {
        // Three nodes are left for four chunks: one node takes two, and none takes three.
        assertSurvivesAnyTwoNodes(Clusters.even(5, 2), TWO, 2);
    }

    @Test
    void anyTwoNodesOfTenLeaveFourChunksOfFourPlusTwo() {
        assertSurvivesAnyTwoNodes(Clusters.even(10, 1), FOUR, 1);
        assertSurvivesAnyTwoNodes(Clusters.even(10, 3), FOUR, 1);
    }

    private static void assertSurvivesAnyTwoNodes(ClusterMap map, Scheme scheme, int inNodeMax) {
        int nodes = map.nodes().size();
        for (int first = 1; first <= nodes; first++) {
            for (int second = first + 1; second <= nodes; second++) {
                BitSet usable = Clusters.withoutNodes(map, first, second);
                assertLoss(map, scheme, usable, inNodeMax, "nodes " + first + ", " + second);
            }
        }
    }

    /** Lost chunks move to usable devices, at most two of a page, and no other chunk moves. */
    private static void assertLoss(
            ClusterMap map, Scheme scheme, BitSet usable, int inNodeMax, String lost) {
        Placement placement = Placement.of(map);
        for (long page = 0; page < PAGES; page++) {
            String what = "lost " + lost + ", page " + page;
            int[] primary = Pages.primary(placement, page, scheme);
            int[] now = Pages.current(placement, page, scheme, usable);
            int moved = 0;
            for (int chunk = 0; chunk < now.length; chunk++) {
                assertTrue(usable.get(now[chunk]), what);
                assertEquals(!usable.get(primary[chunk]), now[chunk] != primary[chunk], what);
                moved += now[chunk] != primary[chunk] ? 1 : 0;
            }
            assertTrue(moved <= Scheme.PARITY_FRAGMENTS, what);
            Pages.assertObeys(map, now, new Caps(99, 99, inNodeMax), what);
        }
    }

    @Test
    void anyTwoDevicesLeaveEnoughWhereNodesAreTooFewForMore() {
        ClusterMap map = Clusters.even(3, 3);
        for (int first = 0; first < 9; first++) {
            for (int second = first + 1; second < 9; second++) {
                BitSet usable = Clusters.without(map, first, second);
                assertLoss(map, TWO, usable, 2, "slots " + first + ", " + second);
            }
        }
    }

    @Test
    void aLostChunkGoesToTheOtherDeviceOfItsNodeWhereEveryOtherNodeHasOne() {
        ClusterMap map = Clusters.even(4, 2);
        Placement placement = Placement.of(map);
        for (long page = 0; page < PAGES; page++) {
            int[] primary = Pages.primary(placement, page, TWO);
            int[] now = Pages.current(placement, page, TWO, Clusters.without(map, primary[2]));
            assertEquals(primary[2] ^ 1, now[2], "page " + page);
        }
    }

    /** Zone a is full, and what is left of zone b is a node that has a chunk already. */
    @Test
    void theCapOfANodeIsRaisedBeforeTheCapOfAZone() {
        ClusterMap map = Clusters.zoned(2, "a", "a", "a", "b", "b");
        Placement placement = Placement.of(map);
        assertEquals(new Caps(2, 2, 1), placement.caps(TWO));
        BitSet usable = Clusters.withoutNodes(map, 5);
        for (long page = 0; page < PAGES; page++) {
            int[] now = Pages.current(placement, page, TWO, usable);
            Pages.assertObeys(map, now, new Caps(2, 2, 2), "page " + page);
        }
    }

    @Test
    void theCapOfAZoneIsRaisedWhenTheOtherZoneIsGone() {
        ClusterMap map = Clusters.zoned(1, "a", "a", "a", "a", "b", "b");
        Placement placement = Placement.of(map);
        BitSet usable = Clusters.withoutNodes(map, 5, 6);
        for (long page = 0; page < PAGES; page++) {
            int[] now = Pages.current(placement, page, TWO, usable);
            Pages.assertObeys(map, now, new Caps(4, 4, 1), "page " + page);
        }
    }

    /** Every node has a chunk of every page, so a lost one has only its own node to go to. */
    @Test
    void removalsOneAfterTheOtherMoveOnlyWhatIsLost() {
        ClusterMap map = Clusters.even(6, 3);
        for (int gone : new int[] {0, 3, 6, 9, 16, 13}) {
            ClusterMap next = Clusters.remove(map, gone);
            assertMovesOnly(Placement.of(map), Placement.of(next), gone);
            map = next;
        }
    }

    private static void assertMovesOnly(Placement before, Placement after, int gone) {
        for (long page = 0; page < PAGES; page++) {
            int[] old = Pages.primary(before, page, FOUR);
            int[] now = Pages.primary(after, page, FOUR);
            for (int chunk = 0; chunk < old.length; chunk++) {
                assertEquals(old[chunk] == gone, old[chunk] != now[chunk], "page " + page);
            }
        }
    }

    /** Two of twelve nodes are free for both, and both can stay in their own: often enough. */
    @Test
    void aSecondLossMovesAnEarlierOneOnlyWhereBothWantOnePlace() {
        ClusterMap map = Clusters.even(12, 3);
        Placement placement = Placement.of(map);
        int moved = 0;
        for (long page = 0; page < PAGES; page++) {
            int[] both = Pages.current(placement, page, EIGHT, Clusters.without(map, 0, 3));
            int[] first = Pages.current(placement, page, EIGHT, Clusters.without(map, 0));
            int[] second = Pages.current(placement, page, EIGHT, Clusters.without(map, 3));
            int[] primary = Pages.primary(placement, page, EIGHT);
            for (int chunk = 0; chunk < both.length; chunk++) {
                int alone = primary[chunk] == 3 ? second[chunk] : first[chunk];
                // Alone, a chunk can go to the slot that is lost as well.
                if (both[chunk] != alone && alone != 0 && alone != 3) {
                    assertTrue(wantOnePlace(primary, first, second), "page " + page);
                    moved++;
                }
            }
        }
        assertTrue(moved > 0 && moved < PAGES / 25, moved + " moved");
    }

    /** Nodes have three slots each. */
    private static boolean wantOnePlace(int[] primary, int[] first, int[] second) {
        int one = -1;
        int other = -2;
        for (int chunk = 0; chunk < primary.length; chunk++) {
            one = primary[chunk] == 0 ? first[chunk] / 3 : one;
            other = primary[chunk] == 3 ? second[chunk] / 3 : other;
        }
        return one == other;
    }

    /** Whatever is away: kept chunks stay, and one that moved had no slot that fits better. */
    @Test
    void everyRedrawnChunkHasTheLeastExcess() {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ClusterMap map = PlacementTest.random(random);
            Placement placement = Placement.of(map);
            BitSet usable = Clusters.all(map);
            map.slots().forEach(slot -> usable.set(slot.slot(), random.nextInt(3) != 0));
            for (long page = 0; page < 50; page++) {
                int[] primary = Pages.primary(placement, page, FOUR);
                int[] now = Pages.current(placement, page, FOUR, usable);
                assertLeastExcess(map, placement.caps(FOUR), primary, now, usable, "seed " + seed);
            }
        }
    }

    private static void assertLeastExcess(
            ClusterMap map, Caps caps, int[] primary, int[] now, BitSet usable, String what) {
        int[] placed = new int[primary.length];
        for (int chunk = 0; chunk < placed.length; chunk++) {
            placed[chunk] = usable.get(primary[chunk]) ? primary[chunk] : Placement.NOWHERE;
        }
        for (int chunk = 0; chunk < placed.length; chunk++) {
            if (placed[chunk] != Placement.NOWHERE) {
                assertEquals(placed[chunk], now[chunk], what);
                continue;
            }
            long least = Long.MAX_VALUE;
            for (int slot = usable.nextSetBit(0); slot >= 0; slot = usable.nextSetBit(slot + 1)) {
                least = Math.min(least, excess(map, caps, placed, slot));
            }
            if (least == Long.MAX_VALUE) {
                assertEquals(Placement.NOWHERE, now[chunk], what);
            } else {
                assertTrue(usable.get(now[chunk]), what);
                assertEquals(least, excess(map, caps, placed, now[chunk]), what);
                placed[chunk] = now[chunk];
            }
        }
    }

    /** Where a slot obeys the caps beside what other lost chunks left as well, one is taken. */
    @Test
    void aLostChunkKeepsOutOfWhatAnotherOneLeftWhereItCan() {
        int kept = 0;
        for (long seed = 0; seed < 400; seed++) {
            Scheme scheme = seed % 2 == 0 ? TWO : FOUR;
            SplittableRandom random = new SplittableRandom(seed);
            ClusterMap map = PlacementTest.random(random);
            Placement placement = Placement.of(map);
            Caps caps = placement.caps(scheme);
            BitSet usable = Clusters.all(map);
            map.slots().forEach(slot -> usable.set(slot.slot(), random.nextInt(4) != 0));
            for (long page = 0; page < 50; page++) {
                int[] was = Pages.primary(placement, page, scheme);
                int[] now = Pages.current(placement, page, scheme, usable);
                int[] is = was.clone();
                for (int chunk = 0; chunk < was.length; chunk++) {
                    if (!usable.get(was[chunk])) {
                        int lost = chunk;
                        if (usable.stream()
                                .anyMatch(slot -> fits(map, caps, was, is, lost, slot))) {
                            String what = "seed " + seed + ", page " + page + ", chunk " + chunk;
                            assertTrue(fits(map, caps, was, is, lost, now[chunk]), what);
                            kept++;
                        }
                        is[chunk] = now[chunk] == Placement.NOWHERE ? was[chunk] : now[chunk];
                    }
                }
            }
        }
        assertTrue(kept > 10_000, kept + " chunks");
    }

    /** Whether the slot takes no chunk's place and, with it, no domain has more than its cap. */
    private static boolean fits(
            ClusterMap map, Caps caps, int[] was, int[] is, int chunk, int slot) {
        NodeEntry node = map.nodeOf(map.slot(slot));
        int inZone = 1;
        int inRack = 1;
        int inNode = 1;
        for (int other = 0; other < is.length; other++) {
            if (other != chunk) {
                NodeEntry left = map.nodeOf(map.slot(was[other]));
                NodeEntry its = map.nodeOf(map.slot(is[other]));
                inZone += sameZone(left, node) || sameZone(its, node) ? 1 : 0;
                inRack += sameRack(left, node) || sameRack(its, node) ? 1 : 0;
                inNode += left.id() == node.id() || its.id() == node.id() ? 1 : 0;
                if (is[other] == slot) {
                    return false;
                }
            }
        }
        return inZone <= caps.zone() && inRack <= caps.rack() && inNode <= caps.node();
    }

    private static boolean sameZone(NodeEntry one, NodeEntry other) {
        return one.zone().equals(other.zone());
    }

    private static boolean sameRack(NodeEntry one, NodeEntry other) {
        return sameZone(one, other) && one.rack().equals(other.rack());
    }

    private static long excess(ClusterMap map, Caps caps, int[] placed, int slot) {
        NodeEntry node = map.nodeOf(map.slot(slot));
        long zone = 1 - caps.zone();
        long rack = 1 - caps.rack();
        long inNode = 1 - caps.node();
        for (int other : placed) {
            if (other == slot) {
                return Long.MAX_VALUE;
            }
            if (other != Placement.NOWHERE) {
                NodeEntry its = map.nodeOf(map.slot(other));
                zone += sameZone(its, node) ? 1 : 0;
                rack += sameRack(its, node) ? 1 : 0;
                inNode += its.id() == node.id() ? 1 : 0;
            }
        }
        return Math.max(0, zone) * 10_000 + Math.max(0, rack) * 100 + Math.max(0, inNode);
    }
}
