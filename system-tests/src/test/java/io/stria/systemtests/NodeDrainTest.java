package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A node is emptied while a host writes 200 times a second at most. Beside a host that writes as
 * fast as it can, as in {@link NodeRejoinTest}, the same takes four times as long on two cores.
 */
class NodeDrainTest extends DevicesComeAndGo {
    NodeDrainTest() {
        super(200);
    }

    @Test
    void aNodeIsDrainedUnderLoadAndNothingOnItIsNeededAnyMore() {
        List<Integer> paths = cluster.pathNodes(VOLUME);
        int drained = otherThan(paths);

        String out = cli("node", "drain", Integer.toString(drained), "--wait");

        assertEquals(2, out.lines().filter(line -> line.contains("removed")).count(), out);
        assertTrue(cli("node", "ok-to-stop", Integer.toString(drained)).startsWith("yes: "));
        cluster.awaitHealthy(SOON);
        nothingIsLostWithout(drained, paths.get(2));
    }
}
