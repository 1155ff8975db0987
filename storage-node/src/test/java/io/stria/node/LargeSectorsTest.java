package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.LoopDevice;
import io.stria.node.cluster.Plans;
import io.stria.runtime.ffm.DeviceBlocks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices that write more than 512 bytes at once. */
final class LargeSectorsTest {
    private static final long DEVICE_BYTES = 256L << 20;

    @TempDir private Path directory;

    /**
     * Also where they could be asked for less, and a store can have no larger blocks than 4,096.
     */
    @Test
    void devicesAreFormattedWithTheSectorsThatTheyWrite() {
        assertEquals(512, DeviceOpener.formatBlockBytes(new DeviceBlocks(512, 512)));
        assertEquals(4096, DeviceOpener.formatBlockBytes(new DeviceBlocks(512, 4096)));
        assertEquals(4096, DeviceOpener.formatBlockBytes(new DeviceBlocks(4096, 4096)));
        assertEquals(4096, DeviceOpener.formatBlockBytes(new DeviceBlocks(512, 16384)));
    }

    @Test
    void aNodeFormatsItAndOpensItAgain() throws IOException, InterruptedException {
        try (LoopDevice device = LoopDevice.over(directory.resolve("file"), DEVICE_BYTES, 4096)) {
            isFormattedAndOpenedAgain(device.path());
        }
    }

    private void isFormattedAndOpenedAgain(Path device) throws IOException {
        assertEquals(new DeviceBlocks(4096, 4096), DeviceBlocks.of(device.toString()));
        ClusterDirectory cluster = new ClusterDirectory(directory.resolve("cluster"));
        new ClusterMaker(cluster).make(Plans.on(List.of(device), DEVICE_BYTES));
        NodeConfig config = NodeConfig.read(cluster.path(), 1, Starts.draw());
        UUID id = config.node().devices().getFirst().id();
        assertTrue(cluster.isFresh(config.node().devices().getFirst()));
        for (int start = 0; start < 2; start++) {
            try (DataPlane node = new DataPlane(config, new Proposals(1))) {
                node.start();
                assertEquals(Set.of(id), node.devices());
            }
        }
    }
}
