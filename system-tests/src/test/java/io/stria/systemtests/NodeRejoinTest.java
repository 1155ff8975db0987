package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node comes back with empty disks while a host writes as fast as it can. */
class NodeRejoinTest extends DevicesComeAndGo {
    NodeRejoinTest() {
        super(0);
    }

    private void wipe(int node) throws IOException {
        for (int i = 1; i <= 2; i++) {
            Path device = directory().resolve("node-" + node).resolve("device-" + i);
            try (RandomAccessFile file = new RandomAccessFile(device.toFile(), "rw")) {
                long bytes = file.length();
                file.setLength(0);
                file.setLength(bytes);
            }
        }
    }

    @Test
    void aNodeWhoseDisksWereWipedRejoinsAndHoldsWhatItShould() throws IOException {
        List<Integer> paths = cluster.pathNodes(VOLUME);
        int wiped = paths.get(1);
        List<String> before = cluster.devices().get(wiped);
        cluster.kill(wiped);
        wipe(wiped);
        writes.awaitAcknowledged(300, SOON);

        String out = cli("node", "rejoin", Integer.toString(wiped), "--wait");

        assertTrue(out.contains("online"), out);
        cluster.awaitHealthy(SOON);
        List<String> after = cluster.devices().get(wiped);
        assertEquals(2, after.size());
        assertTrue(after.stream().noneMatch(before::contains), after + " are new");
        nothingIsLostWithout(paths.get(2), otherThan(paths));
    }
}
