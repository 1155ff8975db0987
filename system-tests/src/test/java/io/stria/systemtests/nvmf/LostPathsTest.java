package io.stria.systemtests.nvmf;

import io.stria.systemtests.host.StampedWrites;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the stock initiator does when paths are lost, which it is to notice soon. */
class LostPathsTest extends TwoPaths {
    LostPathsTest() {
        super(1);
    }

    @Test
    void losesNothingWhenTheHostResetsItsControllers() {
        StampedWrites writes = connectAndWrite(4096);
        for (int turn = 0; turn < 6; turn++) {
            writes.awaitAcknowledged(300, SOON);
            initiator.reset("nvme" + turn % 2);
        }
        writes.awaitAcknowledged(300, SOON);
        assertSound(writes);
        awaitAna(0);
        assertTargetsAlive();
    }

    @Test
    void losesNothingWhenATargetIsKilled() throws IOException {
        StampedWrites writes = connectAndWrite(4096);
        for (int turn = 1; turn <= 4; turn++) {
            writes.awaitAcknowledged(500, SOON);
            targets[1 - turn % 2].destroyForcibly();
            order(turn % 2, PathTarget.BLOCKS_MAX);
            writes.awaitAcknowledged(500, SOON);
            startTarget(1 - turn % 2);
            awaitAna(turn % 2);
        }
        assertSound(writes);
    }

    @Test
    void waitsWhileNoTargetIsThere() throws IOException {
        StampedWrites writes = connectAndWrite(1024);
        writes.awaitAcknowledged(500, SOON);
        for (Process target : targets) {
            target.destroyForcibly();
        }
        run("until nvme list-subsys | grep -c connecting | grep -q 2; do sleep .1; done; sleep 3");
        startTarget(0);
        startTarget(1);
        writes.awaitAcknowledged(500, SOON);
        awaitAna(0);
        assertSound(writes);
    }

    @Test
    void goesOnWhenTheNetworkLosesAPath() throws IOException {
        StampedWrites writes = connectAndWrite(1024);
        writes.awaitAcknowledged(500, SOON);
        host.cutPath(0);
        order(1, PathTarget.BLOCKS_MAX);
        writes.awaitAcknowledged(500, SOON);
        host.restorePath(0);
        awaitAna(1);
        assertSound(writes);
        assertTargetsAlive();
    }
}
