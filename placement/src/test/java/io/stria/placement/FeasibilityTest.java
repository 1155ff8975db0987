package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeasibilityTest {
    private static final Scheme TWO = new Scheme(2);
    private static final Scheme FOUR = new Scheme(4);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void nodesDecideWhatIsSurvived(int dataFragments) {
        Scheme scheme = new Scheme(dataFragments);
        int chunks = dataFragments + 2;
        for (int nodes = 1; nodes <= 12; nodes++) {
            ClusterMap map = Clusters.even(nodes, chunks);
            String expected =
                    nodes >= chunks
                            ? "any two nodes"
                            : nodes >= (chunks + 1) / 2
                                    ? "any one node or any two devices"
                                    : "any two devices";
            assertEquals(expected, check(map, scheme).survives(), nodes + " nodes");
            assertEquals(nodes >= chunks, check(map, scheme).feasible(), nodes + " nodes");
            assertTrue(Feasibility.check(map, scheme, Tolerance.DEVICE).feasible());
        }
    }

    private static Feasibility check(ClusterMap map, Scheme scheme) {
        return Feasibility.check(map, scheme, Tolerance.NODE);
    }

    @Test
    void aRefusalSaysWhatIsMissingAndWhatThereIs() {
        assertEquals(
                "4+2 does not survive the loss of any two nodes: that needs 6 nodes with devices,"
                        + " and there are 5 nodes; it survives any one node or any two devices",
                check(Clusters.even(5, 2), FOUR).reason());
        assertEquals(
                "2+2 does not survive the loss of any two nodes: that needs 4 nodes with devices,"
                        + " and there is 1 node; it survives any two devices",
                check(Clusters.even(1, 4), TWO).reason());
        assertEquals(
                "2+2 does not survive the loss of any two nodes: zones and racks are too uneven for"
                        + " one chunk in each node; it survives any one zone or any two devices",
                check(Clusters.zoned(2, "a", "a", "a", "b"), TWO).reason());
        Feasibility tooFew = check(Clusters.even(3, 1), TWO);
        assertFalse(tooFew.placeable());
        assertEquals("nothing", tooFew.survives());
        assertEquals(
                "2+2 puts the 4 chunks of a page on different devices, and there are 3 devices",
                tooFew.reason());
        assertEquals(
                "2+2 survives the loss of any two nodes", check(Clusters.even(4, 1), TWO).reason());
    }

    @Test
    void zonesAreNamedWhereTheySaveMore() {
        assertEquals(
                "any one zone or any two nodes",
                check(Clusters.zoned(1, "a", "a", "b", "b"), TWO).survives());
        assertEquals(
                "any two zones",
                check(Clusters.zoned(1, "a", "a", "b", "b", "c", "d"), TWO).survives());
        assertEquals("any two nodes", check(Clusters.zoned(1, "a", "b", "c", "d"), TWO).survives());
    }

    @Test
    void racksAreNamedWhereTheyGroupNodesAndZonesGroupThem() {
        assertEquals(
                "any one zone or any two racks", // two racks of two nodes in each of two zones
                check(racked("a1", "a1", "a2", "a2", "b1", "b1", "b2", "b2"), TWO).survives());
        assertEquals(
                "any one rack or any two nodes",
                check(racked("a1", "a1", "a2", "a2"), TWO).survives());
        assertEquals(
                "any two nodes",
                check(racked("a1", "a2", "a3", "a4"), TWO).survives(),
                "a rack of one node");
        assertEquals(
                "any one zone or any two nodes",
                check(racked("a1", "a1", "b1", "b1"), TWO).survives(),
                "a zone of one rack");
    }

    /** Nodes of two devices, each in a zone of one letter and a rack of it. */
    private static ClusterMap racked(String... zonesAndRacks) {
        ClusterMap map = Clusters.empty();
        for (String where : zonesAndRacks) {
            int node = map.nodes().size() + 1;
            map = map.withNode(Clusters.node(node, where.substring(0, 1), where));
            map = Clusters.add(Clusters.add(map, node, 1000), node, 1000);
        }
        return map;
    }

    @Test
    void devicesThatAreLeavingDoNotCount() {
        ClusterMap map = Clusters.even(4, 1);
        for (DeviceState state : DeviceState.values()) {
            ClusterMap changed = map.withSlot(map.slot(1).withState(state));
            boolean stays =
                    state == DeviceState.ONLINE
                            || state == DeviceState.UNAVAILABLE
                            || state == DeviceState.SYNCING;
            assertEquals(stays, check(changed, TWO).placeable(), state.name());
        }
    }

    /** Placement keeps what was promised, tombstones or not. */
    @Test
    void noPageIsWorseThanWhatWasPromised() {
        int promisedTwoNodes = 0;
        int promisedOneNode = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ClusterMap map = PlacementTest.random(random);
            for (int left = random.nextInt(map.slots().size()); left > 0; left--) {
                map = Clusters.remove(map, random.nextInt(map.slots().size()));
            }
            Feasibility promise = check(map, FOUR);
            if (promise.placeable()) {
                long most = mostInANode(map);
                if (promise.feasible()) {
                    assertEquals(1, most, "seed " + seed);
                    promisedTwoNodes++;
                } else if (promise.survives().startsWith("any one")) {
                    assertTrue(most <= 2, "seed " + seed + ": " + most);
                    promisedOneNode++;
                }
            }
        }
        assertTrue(promisedTwoNodes > 100 && promisedOneNode > 100);
    }

    private static long mostInANode(ClusterMap map) {
        Placement placement = Placement.of(map);
        long most = 0;
        for (long page = 0; page < 60; page++) {
            most =
                    Math.max(
                            most,
                            Pages.most(map, Pages.primary(placement, page, FOUR), NodeEntry::id));
        }
        return most;
    }
}
