package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.Scheme;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * The claims of {@code docs/placement.md} on small clusters and few pages, so that a change that
 * breaks one is seen before anybody prints the figures. Placement is a pure function: the same
 * pages give the same counts on every run.
 */
class StudyClaimsTest {
    private static final Scheme EIGHT = new Scheme(8);

    private static final StudyCluster HUNDRED = StudyCluster.flat(100, 1, 1000);
    private static final StudyCluster MIXED = StudyCluster.flat(100, 2, 4000, 12000);
    private static final StudyCluster ZONED = StudyCluster.nested(5, 4, 5, 2, 1000);

    @Test
    void aRemovedDeviceNodeOrRackMovesWhatWasLostAndNothingElse() {
        for (StudyCluster cluster :
                List.of(StudyCluster.flat(12, 3, 1000), HUNDRED, MIXED, ZONED)) {
            assertMovesTheLost(cluster, slot -> slot.slot() == 0);
            assertMovesTheLost(cluster, slot -> slot.slot() == cluster.devices() - 1);
            assertMovesTheLost(cluster, slot -> slot.nodeId() == 1);
        }
        assertMovesTheLost(ZONED, ZONED::inFirstRack);
    }

    private static void assertMovesTheLost(StudyCluster cluster, Predicate<DeviceSlot> which) {
        ClusterMap map = cluster.map();
        ClusterMap after = StudyCluster.removed(map, which);
        Movement removal = Movement.ofLost(map, after, EIGHT, 3_000);
        assertTrue(removal.moved() > 0, cluster.name());
        assertEquals(1.0, removal.overMinimum(), cluster.name());
        Movement replacement = Movement.ofFilled(after, map, EIGHT, 3_000);
        assertEquals(1.0, replacement.overMinimum(), cluster.name());
    }

    @Test
    void aSecondRemovalMovesLittleMore() {
        StudyCluster cluster = StudyCluster.flat(25, 4, 1000);
        ClusterMap once = StudyCluster.removed(cluster.map(), slot -> slot.slot() == 0);
        ClusterMap twice = StudyCluster.removed(once, slot -> slot.slot() == 4);
        double ratio = Movement.ofLost(once, twice, EIGHT, 20_000).overMinimum();
        assertTrue(ratio >= 1 && ratio < 1.02, "ratio " + ratio);
    }

    @Test
    void aNodeMoreThanAHundredMovesAtMostATenthMoreThanItMust() {
        assertGrowsFor(1.10, HUNDRED.map(), HUNDRED.withNode(HUNDRED.map()));
        assertGrowsFor(1.10, MIXED.map(), MIXED.withNode(MIXED.map()));
    }

    /** The node's other chunks have to make room as well. */
    @Test
    void aDeviceMoreInANodeMovesSomewhatMore() {
        assertGrowsFor(1.20, HUNDRED.map(), HUNDRED.withDevice(HUNDRED.map()));
        assertGrowsFor(1.20, MIXED.map(), MIXED.withDevice(MIXED.map()));
    }

    private static void assertGrowsFor(double ratioMax, ClusterMap before, ClusterMap after) {
        Movement movement = Movement.toGrown(before, after, EIGHT, 60_000);
        // Over what arrived: how much that is depends on the pages by more than a tenth.
        assertTrue(movement.overArrived() <= ratioMax, "ratio " + movement.overArrived());
        assertEquals(
                movement.needed(),
                movement.arrived(),
                4 * Math.sqrt(movement.needed()) + 0.06 * movement.needed());
    }

    @Test
    void devicesAreLoadedByTheirShareUnderTheCaps() {
        for (StudyCluster cluster : List.of(HUNDRED, MIXED, ZONED)) {
            Spread spread = Spread.of(cluster.map(), EIGHT, 50_000);
            spread.byWeight()
                    .forEach((weight, mean) ->
                            assertEquals(1.0, mean, 0.03, cluster.name() + ", weight " + weight));
            assertTrue(spread.fullest() < 1.25, cluster.name() + ": " + spread);
            assertTrue(spread.emptiest() > 0.75, cluster.name() + ": " + spread);
        }
    }

    @Test
    void aPageTakesFewDraws() {
        Tries flat = Tries.of(HUNDRED.map(), EIGHT, 5_000);
        assertTrue(flat.draws() < 11 * flat.pages(), flat.toString());
        assertEquals(0, flat.rendezvous());
        Tries zoned = Tries.of(ZONED.map(), EIGHT, 5_000);
        assertTrue(zoned.draws() < 25 * zoned.pages(), zoned.toString());
    }
}
