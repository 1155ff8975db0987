package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
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

    private boolean stands(Succession succession, int ended, int leader) {
        return succession.ended(ended, process(ended), leader, map);
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
        assertFalse(succession.ended(2, process(1000), 2, map), "another process of the node");
        assertTrue(stands(succession, 2, 2));
    }

    @Test
    void aNodeOfWhichTheMapKnowsALaterProcessStandsBeforeTheOthers() {
        Succession succession = new Succession(2);
        assertFalse(stands(succession, 1, 3));
        ClusterMap returned = map.withNode(node(1, true, process(1000)));
        assertFalse(succession.ended(3, process(3), 3, returned), "the first voter stands");
    }
}
