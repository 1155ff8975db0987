package io.stria.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeAdditionTest {
    @TempDir private Path parent;

    private ClusterDirectory cluster() {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.small(3));
        return directory;
    }

    @Test
    void theNextNodeIsAsTheLastOneAndMayFormatItsDevices() {
        ClusterDirectory directory = cluster();
        ClusterFile before = directory.read();
        NodeAddition addition = new NodeAddition(directory);

        ClusterNode node = addition.plan(0, 0);
        assertEquals(before, directory.read(), "a plan changes nothing");
        assertFalse(Files.exists(directory.nodeDirectory(4)));
        addition.make(node);

        ClusterFile after = directory.read();
        assertEquals(before.nodes(), after.nodes().subList(0, 3));
        assertEquals(node, after.node(4));
        assertFalse(node.voter(), "voters do not change");
        assertEquals(before.node(3).dataPort() + ClusterNode.PORTS, node.dataPort());
        assertEquals(before.node(3).devices().size(), node.devices().size());
        for (ClusterDevice device : node.devices()) {
            assertTrue(directory.isFresh(device));
            assertEquals(before.node(3).devices().getFirst().sizeBytes(), device.sizeBytes());
        }
    }

    @Test
    void devicesMayBeOthers() {
        ClusterNode node = new NodeAddition(cluster()).plan(3, 2 * ClusterPlan.DEVICE_BYTES_MIN);
        assertEquals(3, node.devices().size());
        assertEquals(2 * ClusterPlan.DEVICE_BYTES_MIN, node.devices().getLast().sizeBytes());
        assertThrows(ClusterException.class, () -> new NodeAddition(again()).plan(1, 1));
    }

    private ClusterDirectory again() {
        return new ClusterDirectory(parent.resolve("cluster"));
    }

    @Test
    void whatIsInTheWayIsRefused() throws IOException {
        ClusterDirectory directory = cluster();
        NodeAddition addition = new NodeAddition(directory);
        ClusterNode node = addition.plan(0, 0);
        try (ServerSocket taken =
                new ServerSocket(node.apiPort(), 1, InetAddress.getByName(node.address()))) {
            assertTrue(taken.isBound());
            assertThrows(ClusterException.class, () -> addition.make(node));
            assertEquals(3, directory.read().nodes().size());
            assertFalse(Files.exists(directory.nodeDirectory(4)));
        }
        Files.createDirectory(directory.nodeDirectory(4));
        assertThrows(ClusterException.class, () -> addition.plan(0, 0));
    }

    /** Nor does another one get its ports: its process may run yet. */
    @Test
    void nobodyGetsTheNumberOfANodeThatWasRemoved() throws IOException {
        ClusterDirectory directory = cluster();
        NodeAddition addition = new NodeAddition(directory);
        addition.make(addition.plan(0, 0));
        ClusterNode fourth = directory.read().node(4);
        NodeRemoval removal = new NodeRemoval(directory);
        assertFalse(Files.readString(directory.clusterFile()).contains("removed"), "as before");
        removal.forget(4);
        ClusterFile without = directory.read();
        assertEquals(3, without.nodes().size());
        removal.forget(4);
        assertEquals(without, directory.read());
        assertEquals(
                "node 4 was removed from the cluster, and no node gets its number again",
                assertThrows(ClusterException.class, () -> without.node(4)).getMessage());
        assertTrue(Files.exists(directory.nodeDirectory(4)), "what it held stays");

        addition.make(addition.plan(0, 0));
        ClusterNode fifth = directory.read().node(5);
        assertEquals(fourth.dataPort() + ClusterNode.PORTS, fifth.dataPort());
        assertTrue(addition.takeBack(fifth));
        assertEquals(without, directory.read());
        assertEquals(5, addition.plan(0, 0).id());
    }

    /** The cluster's file cannot be written, as if the process had ended just before. */
    @Test
    void whatWasCutShortIsClearedAwayByTheNext() throws IOException {
        ClusterDirectory directory = cluster();
        Path obstacle = directory.clusterFile().resolveSibling("cluster.json.new");
        Files.createDirectories(obstacle.resolve("full"));
        NodeAddition addition = new NodeAddition(directory);
        ClusterNode first = addition.plan(0, 0);
        assertThrows(ClusterException.class, () -> addition.make(first));
        Path left = Files.createFile(directory.nodeDirectory(4).resolve("left"));
        Files.delete(obstacle.resolve("full"));
        Files.delete(obstacle);

        ClusterNode second = addition.plan(0, 0);
        addition.make(second);
        assertEquals(second, directory.read().node(4));
        assertFalse(Files.exists(left));
        for (ClusterDevice device : second.devices()) {
            assertTrue(directory.isFresh(device));
        }
        try (Stream<Path> files = Files.list(directory.path())) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".making")));
        }
        assertEquals(5, addition.plan(0, 0).id());
    }

    @Test
    void aFullDiskIsRefusedBeforeAnythingIsMade() {
        ClusterDirectory directory = cluster();
        NodeAddition addition =
                new NodeAddition(directory, _ -> 2 * DeviceKind.FILE.neededBytes() - 1);
        ClusterNode node = addition.plan(0, 0);
        assertThrows(ClusterException.class, () -> addition.make(node));
        assertEquals(3, directory.read().nodes().size());
        assertFalse(Files.exists(directory.nodeDirectory(4)));
    }

    @Test
    void oneThatCouldNotBeFormattedIsTakenBack() throws IOException {
        ClusterDirectory directory = cluster();
        ClusterFile before = directory.read();
        NodeAddition addition = new NodeAddition(directory);
        ClusterNode first = addition.plan(0, 0);
        addition.make(first);
        directory.forgetFresh(first.devices().getFirst());
        Path log = Files.createFile(directory.nodeDirectory(4).resolve("node.log"));
        Path formatted = directory.devicePath(first.devices().getFirst());
        Path begun = directory.devicePath(first.devices().getLast());
        Files.write(formatted, new byte[1 << 20]);
        Files.write(begun, new byte[1 << 20]);

        assertTrue(addition.takeBack(first));
        assertEquals(before, directory.read());
        assertTrue(Files.exists(log), "it may say why");
        assertEquals(1 << 20, Files.size(formatted));
        assertTrue(BlankFile.isBlank(begun), "a full disk has room again");
        assertEquals(first.devices().getLast().sizeBytes(), Files.size(begun));
        assertFalse(addition.takeBack(first));

        ClusterNode second = addition.plan(0, 0);
        addition.make(second);
        assertFalse(Files.exists(log));
        for (ClusterDevice device : second.devices()) {
            directory.forgetFresh(device);
        }
        assertFalse(addition.takeBack(second), "others may know it");
        assertEquals(second, directory.read().node(4));
    }
}
