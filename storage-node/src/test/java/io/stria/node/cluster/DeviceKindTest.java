package io.stria.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.runtime.spdk.SpdkAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeviceKindTest {
    @TempDir private Path parent;

    private static ClusterPlan plan(DeviceKind kind, List<? extends NamedDevice> devices) {
        return new ClusterPlan(
                2,
                1,
                ClusterPlan.DEVICE_BYTES_MIN,
                "127.0.0.1",
                4420,
                new Scheme(1),
                Tolerance.DEVICE,
                EngineKind.AUTO,
                kind,
                devices);
    }

    private ClusterDirectory directory() {
        return new ClusterDirectory(parent.resolve("cluster"));
    }

    private static void assertSays(String words, Exception refusal) {
        assertTrue(String.valueOf(refusal.getMessage()).contains(words), refusal::toString);
    }

    @Test
    void devicesInMemoryHaveNoFile() {
        ClusterFile made = new ClusterMaker(directory()).make(plan(DeviceKind.RAM, List.of()));
        assertEquals(made, directory().read());
        for (ClusterNode node : made.nodes()) {
            for (ClusterDevice device : node.devices()) {
                assertEquals(DeviceKind.RAM, device.kind());
                assertFalse(Files.exists(directory().devicePath(device)));
            }
        }
        assertTrue(made.isVolatile());
    }

    @Test
    void aDeviceInMemoryIsANewOneAfterEachStartButTheFirst() throws IOException {
        new ClusterMaker(directory()).make(plan(DeviceKind.RAM, List.of()));
        ClusterNode node = directory().read().node(1);
        assertEquals(node, directory().atStart(node));
        assertFalse(directory().hasLostItsMemory(directory().read()));
        directory().forgetFresh(node.devices().getFirst());
        Set<UUID> ids = new HashSet<>(Set.of(node.devices().getFirst().id()));
        for (int start = 0; start < 3; start++) {
            ClusterDevice device = directory().atStart(node).devices().getFirst();
            assertTrue(ids.add(device.id()), "seen before: " + device);
            assertEquals(node.devices().getFirst().sizeBytes(), device.sizeBytes());
        }
        assertTrue(directory().hasLostItsMemory(directory().read()));
        assertEquals(List.of(), new Rejoining(directory()).blank(node));
    }

    @Test
    void aFileStaysTheDeviceThatItWas() throws IOException {
        new ClusterMaker(directory()).make(Plans.small(3));
        ClusterNode node = directory().read().node(1);
        directory().forgetFresh(node.devices().getFirst());
        assertEquals(node, directory().atStart(node));
        assertFalse(directory().hasLostItsMemory(directory().read()));
        assertFalse(directory().read().isVolatile());
    }

    @Test
    void clustersMadeBeforeThereWereKindsHaveFiles() throws IOException {
        ClusterFile made = new ClusterMaker(directory()).make(Plans.small(3));
        String written = Files.readString(directory().clusterFile());
        String older = written.replaceAll("\"kind\" : \"file\",\\s*", "");
        assertNotEquals(written, older);
        Files.writeString(directory().clusterFile(), older);
        assertEquals(made, directory().read());
    }

    @Test
    void blockDevicesAreReachedThroughLinks() {
        List<BlockDevicePath> devices =
                List.of(
                        new BlockDevicePath(Path.of("/dev/one"), 1L << 30),
                        new BlockDevicePath(Path.of("/dev/two"), 2L << 30));
        ClusterFile made = new ClusterMaker(directory()).make(plan(DeviceKind.BLOCK, devices));
        ClusterDevice second = made.node(2).devices().getFirst();
        assertEquals(2L << 30, second.sizeBytes());
        Path link = directory().devicePath(second);
        assertTrue(Files.isSymbolicLink(link));
        assertTrue(directory().isFresh(second));
        assertThrows(ClusterException.class, () -> plan(DeviceKind.BLOCK, List.of()));
    }

    @Test
    void devicesThroughSpdkAreKnownByTheirAddresses() throws IOException {
        List<SpdkAddress> addresses =
                SpdkDevice.addresses(
                        List.of(
                                "0000:01:00.0",
                                "trtype:TCP traddr:127.0.0.1 trsvcid:4421 subnqn:nqn.2026-11.x:y"));
        ClusterFile made =
                new ClusterMaker(directory())
                        .make(
                                plan(
                                        DeviceKind.SPDK,
                                        addresses.stream()
                                                .map(address -> new SpdkDevice(address, 1L << 30))
                                                .toList()));
        assertEquals(made, directory().read());
        for (int node = 1; node <= 2; node++) {
            ClusterDevice device = made.node(node).devices().getFirst();
            assertEquals(DeviceKind.SPDK, device.kind());
            assertTrue(directory().isFresh(device));
            assertEquals(addresses.get(node - 1), SpdkDevice.read(directory().devicePath(device)));
        }
        assertEquals(List.of(), SpdkDevice.unfenced(directory(), made));
        assertEquals(List.of(), new Rejoining(directory()).blank(made.node(1)));
        assertSays(
                "named twice",
                assertThrows(
                        ClusterException.class,
                        () -> SpdkDevice.addresses(List.of("01:00.0", "0000:01:00.0"))));
        String tcp = "trtype:TCP traddr:127.0.0.1 subnqn:nqn.2026-11.x:y";
        assertSays(
                "named twice",
                assertThrows(
                        ClusterException.class,
                        () -> SpdkDevice.addresses(List.of(tcp, tcp + " fence:none"))));
        assertSays(
                "nvme0n1",
                assertThrows(
                        ClusterException.class,
                        () -> SpdkDevice.addresses(List.of("/dev/nvme0n1"))));
    }

    @Test
    void devicesWithoutAFenceAreNamed() throws IOException {
        List<SpdkAddress> addresses =
                SpdkDevice.addresses(
                        List.of(
                                "trtype:TCP traddr:127.0.0.1 subnqn:nqn.2026-11.x:y",
                                "trtype:TCP traddr:127.0.0.1 subnqn:nqn.2026-11.x:z fence:none"));
        ClusterFile made =
                new ClusterMaker(directory())
                        .make(
                                plan(
                                        DeviceKind.SPDK,
                                        addresses.stream()
                                                .map(address -> new SpdkDevice(address, 1L << 30))
                                                .toList()));
        assertEquals(List.of(addresses.get(1)), SpdkDevice.unfenced(directory(), made));
    }

    @Test
    void whatIsNoBlankBlockDeviceIsRefused() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));
        assertSays(
                "no block device",
                assertThrows(ClusterException.class, () -> BlockDevicePath.of(file)));
        Path link = Files.createSymbolicLink(parent.resolve("link"), file);
        assertSays(
                "the same device",
                assertThrows(
                        ClusterException.class, () -> BlockDevicePath.of(List.of(file, link))));
        assertSays(
                "no device at",
                assertThrows(
                        ClusterException.class,
                        () -> BlockDevicePath.of(parent.resolve("missing"))));
    }

    @Test
    void aFirstVolumeThatToleratesDevicesNeedsEnoughOfThem() {
        ClusterPlan plan = plan(DeviceKind.RAM, List.of());
        assertSays("3 devices, not 2", assertThrows(ClusterException.class, plan::checkScheme));
    }

    @Test
    void kindsThatAreNotThereSaySo() {
        assertSays(
                "file, ram, block, spdk",
                assertThrows(IllegalArgumentException.class, () -> DeviceKind.parse("tape")));
        assertEquals(DeviceKind.RAM, DeviceKind.parse("ram"));
    }
}
