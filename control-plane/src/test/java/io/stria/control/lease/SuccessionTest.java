package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.consensus.DecisionLog.Leader;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SuccessionTest {
    private static final int VOTERS = 5;

    /** Nodes 1 to 5, all voters, and node 6, which is none. */
    private final ClusterMap map = map();

    private static ClusterMap map() {
        ClusterMap map = ClusterMap.initial(new UUID(1, 1), 8);
        for (int id = 1; id <= VOTERS + 1; id++) {
            map = map.withNode(node(id, id <= VOTERS, process(id)));
        }
        return map;
    }

    private static NodeEntry node(int id, boolean voter, long incarnation) {
        return new NodeEntry(
                id, "10.0.0." + id, 1, 2, 3, "", "", voter, NodeState.ONLINE, incarnation);
    }

    private static long process(int id) {
        return Incarnation.ofProcess(id);
    }

    private static Leader leads(int node) {
        return new Leader(7, node);
    }

    private boolean stands(Succession succession, int ended, int leader) {
        return succession.ended(ended, process(ended), leads(leader), map, 0);
    }

    private boolean standsFor(Succession succession, int standing, Leader leader, long nowNs) {
        return succession.standsStill(standing, process(standing), leader, map, nowNs);
    }

    @Test
    void exactlyOneStandsWhateverEndsAndInWhateverOrderItIsHeard() {
        for (int leader = 1; leader <= VOTERS; leader++) {
            for (int other = 1; other <= VOTERS; other++) {
                int standing = 0;
                for (int self = 1; self <= VOTERS; self++) {
                    if (self != leader && self != other) {
                        Succession succession = new Succession(self);
                        boolean reverse = (self & 1) == 0;
                        boolean early = stands(succession, reverse ? leader : other, leader);
                        boolean late = stands(succession, reverse ? other : leader, leader);
                        standing += early || late ? 1 : 0;
                    }
                }
                assertEquals(1, standing, "ended: " + leader + " that led, and " + other);
            }
        }
    }

    @Test
    void nobodyStandsWhileTheLeaderRuns() {
        Succession succession = new Succession(1);
        assertFalse(stands(succession, 3, 2));
        assertFalse(stands(succession, 4, 0));
        assertFalse(
                succession.ended(2, process(1000), leads(2), map, 0),
                "another process of the node");
        assertTrue(stands(succession, 2, 2));
    }

    @Test
    void aNodeOfWhichTheMapKnowsALaterProcessStandsBeforeTheOthers() {
        Succession succession = new Succession(2);
        assertFalse(stands(succession, 1, 3));
        ClusterMap returned = map.withNode(node(1, true, process(1000)));
        assertFalse(
                succession.ended(3, process(3), leads(3), returned, 0), "the first voter stands");
    }

    @Test
    void exactlyOneStandsForALeaderThatStandsStillWhateverElseEndsOrStandsStill() {
        for (int leader = 1; leader <= VOTERS; leader++) {
            for (int other = 1; other <= VOTERS; other++) {
                int standing = 0;
                for (int self = 1; self <= VOTERS; self++) {
                    if (self != leader && self != other) {
                        Succession succession = new Succession(self);
                        boolean early =
                                (self & 1) == 0
                                        ? stands(succession, other, leader)
                                        : standsFor(succession, other, leads(leader), 0);
                        boolean late = standsFor(succession, leader, leads(leader), 1);
                        standing += early || late ? 1 : 0;
                    }
                }
                assertEquals(1, standing, leader + " stands still and led, and " + other);
            }
        }
    }

    @Test
    void oneStandsOnceForALeaderAndItsTerm() {
        Succession succession = new Succession(1);
        assertTrue(standsFor(succession, 2, leads(2), 0));
        assertFalse(standsFor(succession, 2, leads(2), 1), "the word came twice");
        assertFalse(standsFor(succession, 3, leads(2), 2), "so it did of another");
        assertTrue(standsFor(succession, 2, new Leader(8, 2), 3), "it leads again");
        long laterNs = Succession.STANDSTILL_NS + 3;
        assertTrue(standsFor(succession, 2, new Leader(8, 2), laterNs), "and stands still again");
    }

    @Test
    void aWordOfAnEarlierRegistrationOrOfItselfIsVoid() {
        Succession succession = new Succession(1);
        Leader leader = leads(2);
        assertFalse(succession.standsStill(2, process(2) - 1, leader, map, 0));
        assertFalse(succession.standsStill(2, process(1), leader, map, 0));
        ClusterMap wentOn = map.withNode(node(2, true, process(2) + 1));
        assertFalse(succession.standsStill(2, process(2), leader, wentOn, 0));
        assertFalse(standsFor(succession, 1, leads(1), 0));
        assertTrue(standsFor(succession, 2, leader, 0), "itself it runs");
    }

    @Test
    void whoStandsStillIsPassedOverUntilItMayHaveGoneOnUnlessItIsDown() {
        Succession second = new Succession(2);
        assertFalse(standsFor(second, 1, leads(3), 0));
        assertTrue(standsFor(second, 3, leads(3), Succession.STANDSTILL_NS - 1));
        long laterNs = 2 * Succession.STANDSTILL_NS;
        assertFalse(standsFor(second, 3, leads(3), laterNs), "the first voter stands");
        ClusterMap down =
                map.withNode(node(1, true, process(1)).withState(NodeState.OFFLINE, process(1)));
        assertTrue(second.standsStill(3, process(3), leads(3), down, laterNs));
    }

    @Test
    void anEndCountsWhereAStandstillWasStoodForAlready() {
        Succession succession = new Succession(1);
        assertTrue(standsFor(succession, 2, leads(2), 0));
        assertTrue(succession.ended(2, process(2), leads(2), map, 1), "that election may fail");
        assertFalse(succession.ended(2, process(2), leads(2), map, 2), "the end came twice");
        assertFalse(standsFor(succession, 2, leads(2), 3), "a word that came late");
    }

    @Test
    void oneThatIsNotOnlineStandsIfNoOtherVoterIsLeft() {
        ClusterMap away = map;
        for (int id = 1; id <= 4; id++) {
            away =
                    away.withNode(
                            node(id, true, process(id)).withState(NodeState.OFFLINE, process(id)));
        }
        Succession first = new Succession(1);
        assertFalse(first.ended(4, process(4), leads(4), away, 0), "the fifth one is online");
        assertTrue(first.ended(5, process(5), leads(4), away, 1));
        Succession second = new Succession(2);
        assertFalse(second.ended(4, process(4), leads(4), away, 0));
        assertFalse(second.ended(5, process(5), leads(4), away, 1), "the first one stands");
    }
}
