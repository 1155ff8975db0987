package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.Plans;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with two devices, of which one cannot be opened. */
final class DeviceLeftOutTest {
    private static final Logger LOG = Logger.getLogger(DataPlane.class.getName());

    @TempDir private Path parent;

    private final List<String> logged = Collections.synchronizedList(new ArrayList<>());
    private final Handler handler =
            new Handler() {
                @Override
                public void publish(LogRecord line) {
                    logged.add(new SimpleFormatter().formatMessage(line));
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };
    private NodeConfig config;

    @BeforeEach
    void make() {
        LOG.addHandler(handler);
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.alone());
        config = NodeConfig.read(directory.path(), 1, Starts.draw());
    }

    @AfterEach
    void silence() {
        LOG.removeHandler(handler);
    }

    private UUID id(int device) {
        return config.node().devices().get(device).id();
    }

    private Path path(int device) {
        ClusterDevice of = config.node().devices().get(device);
        return config.devicePath(of);
    }

    /** Ids of the devices that the node serves, which ends then. */
    private Set<UUID> served() throws IOException {
        logged.clear();
        try (DataPlane node = new DataPlane(config, new Proposals(1))) {
            node.start();
            return node.devices();
        }
    }

    private void truncate(int device) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path(device).toFile(), "rw")) {
            file.setLength(0);
        }
    }

    private void assertLeftOut(int device, String reason) {
        List<String> lines =
                logged.stream().filter(line -> line.contains("a device is left out")).toList();
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().contains(path(device) + ": " + reason), lines.getFirst());
    }

    @Test
    void itServesTheOtherOneWhereOneHasLostItsSize() throws IOException {
        assertEquals(Set.of(id(0), id(1)), served());
        truncate(0);
        assertEquals(Set.of(id(1)), served());
        assertLeftOut(0, "too small, 0 B of 512 B");
        truncate(1);
        IOException none = assertThrows(IOException.class, this::served);
        assertTrue(String.valueOf(none.getMessage()).contains("too small"), none.getMessage());
    }

    @Test
    void itServesTheOtherOneWhereOneIsNotThere() throws IOException {
        assertEquals(Set.of(id(0), id(1)), served());
        Files.delete(path(0));
        assertEquals(Set.of(id(1)), served());
        assertLeftOut(0, "it is not there");
    }

    @Test
    void itServesTheOtherOneWhereOneIsLockedAndBothWhenItStartsAgain()
            throws IOException, InterruptedException {
        assertEquals(Set.of(id(0), id(1)), served());
        Process other =
                new ProcessBuilder("flock", path(1).toString(), "sh", "-c", "echo taken; cat")
                        .start();
        try {
            byte[] taken = other.getInputStream().readNBytes("taken".length());
            assertEquals("taken", new String(taken, StandardCharsets.US_ASCII));
            assertEquals(Set.of(id(0)), served());
            assertLeftOut(1, "locked by another opener (process " + other.pid() + ")");
        } finally {
            other.getOutputStream().close();
            other.waitFor();
        }
        assertEquals(Set.of(id(0), id(1)), served());
    }

    /** As when a cluster is made: somebody waits for the node. */
    @Test
    void itDoesNotStartWhereOneIsToBeFormattedAndCannotBe() throws IOException {
        truncate(1);
        IOException refused = assertThrows(IOException.class, this::served);
        assertTrue(
                String.valueOf(refused.getMessage()).contains("too small"), refused.getMessage());
    }
}
