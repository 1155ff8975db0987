package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.placement.Placement;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A node that registers with another rack or zone must not move chunks of volumes that exist. */
class MovedNodeTest {
    @Test
    void aNodeThatRegistersWithAnotherRackMovesNoChunk() {
        Bench bench = Bench.running(5, 2);
        bench.create("v", "2+2", Tolerance.NODE);
        ClusterMap before = bench.map();
        NodeSpec spec = Bench.spec(2);
        bench.apply(
                new Decision.RegisterNode(
                        new NodeSpec(2, spec.address(), 4420, 8080, 9870, "", "rack1", true),
                        100_000,
                        bench.devices(2)));
        Placement then = Placement.of(before);
        Placement now = Placement.of(bench.map());
        int moved = 0;
        int lost = 0;
        for (long page = 0; page < 1000; page++) {
            int[] old = new int[4];
            int[] fresh = new int[4];
            then.primary(1, page, new Scheme(2), old);
            now.primary(1, page, new Scheme(2), fresh);
            int different = 0;
            for (int j = 0; j < 4; j++) {
                different += old[j] == fresh[j] ? 0 : 1;
            }
            moved += different > 0 ? 1 : 0;
            lost += different > 2 ? 1 : 0;
            assert Arrays.stream(fresh).allMatch(slot -> slot >= 0);
        }
        assertEquals(0, moved, moved + " of 1000 pages look elsewhere, " + lost + " beyond repair");
    }
}
