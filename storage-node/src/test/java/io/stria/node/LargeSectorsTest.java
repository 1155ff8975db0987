package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.Plans;
import io.stria.runtime.ffm.DeviceBlocks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices that write more than 512 bytes at once. */
final class LargeSectorsTest {
    private static final long DEVICE_BYTES = 256L << 20;

    @TempDir private Path directory;

    private String device = "";

    private void attach() throws IOException, InterruptedException {
        Path file = directory.resolve("file");
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(DEVICE_BYTES);
        }
        Process losetup;
        try {
            losetup = run("losetup", "--show", "-b", "4096", "-f", file.toString());
        } catch (IOException e) {
            abort("no loop device with large sectors: " + e.getMessage());
            return;
        }
        String said =
                new String(losetup.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assumeTrue(losetup.waitFor() == 0, () -> "no loop device with large sectors: " + said);
        device = said;
    }

    @AfterEach
    void detach() throws IOException, InterruptedException {
        if (!device.isEmpty()) {
            run("losetup", "-d", device).waitFor();
        }
    }

    private static Process run(String... command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

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
        attach();
        assertEquals(new DeviceBlocks(4096, 4096), DeviceBlocks.of(device));
        ClusterDirectory cluster = new ClusterDirectory(directory.resolve("cluster"));
        new ClusterMaker(cluster).make(Plans.on(List.of(Path.of(device)), DEVICE_BYTES));
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
