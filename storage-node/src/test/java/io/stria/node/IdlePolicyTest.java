package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterPlan;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IdlePolicyTest {
    @Test
    void nodesSpinOnlyWhereEachCanHaveACpuAndOneIsLeft() {
        ClusterFile cluster =
                new ClusterPlan(
                                3,
                                2,
                                ClusterPlan.DEVICE_BYTES_MIN,
                                "127.0.0.1",
                                4420,
                                new Scheme(1))
                        .draw();
        assertFalse(IdlePolicy.spins(cluster, cluster.node(1), 2));
        assertFalse(IdlePolicy.spins(cluster, cluster.node(1), 3));
        assertTrue(IdlePolicy.spins(cluster, cluster.node(3), 4));
    }

    @Test
    void howANodeWaitsCanBeFixed() {
        long idleNs = 1_000_000_000;
        long untilTimerNs = 5_000_000;
        assertEquals(0, IdlePolicy.of("poll", false).sleepNs(idleNs, untilTimerNs, idleNs));
        for (String word : List.of("sleep", "auto")) {
            assertEquals(
                    untilTimerNs, IdlePolicy.of(word, false).sleepNs(0, untilTimerNs, 0), word);
        }
        assertEquals(0, IdlePolicy.of("auto", true).sleepNs(0, untilTimerNs, 0));
        assertEquals(0, IdlePolicy.of("spin", false).sleepNs(0, untilTimerNs, 0));
        assertEquals(untilTimerNs, IdlePolicy.of("spin", false).sleepNs(idleNs, untilTimerNs, 0));
        assertEquals(untilTimerNs, IdlePolicy.of("sleep", true).sleepNs(0, untilTimerNs, 0));
        assertThrows(IllegalArgumentException.class, () -> IdlePolicy.of("always", true));
    }
}
