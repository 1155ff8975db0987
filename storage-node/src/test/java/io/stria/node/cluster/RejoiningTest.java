package io.stria.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

final class RejoiningTest {
    private static final int NODE = 2;

    @TempDir private Path parent;
    private ClusterDirectory directory = new ClusterDirectory(Path.of("none"));
    private List<ClusterDevice> devices = List.of();

    /** A cluster of which every device has been formatted. */
    @BeforeEach
    void make() throws IOException {
        directory = new ClusterDirectory(parent.resolve("cluster"));
        ClusterFile made = new ClusterMaker(directory).make(Plans.small(3));
        devices = made.node(NODE).devices();
        for (ClusterDevice device : devices) {
            write(device, 0);
            directory.forgetFresh(device);
        }
    }

    private void write(ClusterDevice device, long at) throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(directory.devicePath(device).toFile(), "rw")) {
            file.seek(at);
            file.write(1);
        }
    }

    private void wipe(ClusterDevice device) throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(directory.devicePath(device).toFile(), "rw")) {
            file.setLength(0);
            file.setLength(device.sizeBytes());
        }
    }

    private List<ClusterDevice> blank() {
        return new Rejoining(directory).blank(directory.read().node(NODE));
    }

    @Test
    void whatHoldsAnythingIsLeftAlone() throws IOException {
        byte[] before = Files.readAllBytes(directory.clusterFile());
        assertEquals(List.of(), blank());
        long size = devices.get(0).sizeBytes();
        for (long at : new long[] {32768, 4097, (32 << 20) - 1, size - 1, size - (16 << 20)}) {
            wipe(devices.get(0));
            write(devices.get(0), at);
            assertEquals(List.of(), blank(), "a byte at " + at);
        }
        new Rejoining(directory).renew(NODE);
        assertEquals(new String(before), Files.readString(directory.clusterFile()));
        assertFalse(directory.isFresh(devices.get(0)));
    }

    @Test
    void aBlankDeviceGetsANewIdAndMayBeFormattedOnce() throws IOException {
        wipe(devices.get(1));
        assertEquals(List.of(devices.get(1)), blank());

        ClusterNode now = new Rejoining(directory).renew(NODE);

        assertEquals(now, directory.read().node(NODE));
        assertEquals(devices.get(0), now.devices().get(0));
        ClusterDevice renewed = now.devices().get(1);
        assertNotEquals(devices.get(1).id(), renewed.id());
        assertEquals(devices.get(1).path(), renewed.path());
        assertTrue(directory.isFresh(renewed));
        assertFalse(directory.isFresh(devices.get(0)));
        assertEquals(List.of(), blank(), "it has the word already");
        assertEquals(now, new Rejoining(directory).renew(NODE));
    }

    @Test
    void aFileThatIsGoneIsMadeAgain() throws IOException {
        Files.delete(directory.devicePath(devices.get(0)));
        ClusterDevice renewed = new Rejoining(directory).renew(NODE).devices().get(0);
        assertEquals(renewed.sizeBytes(), Files.size(directory.devicePath(renewed)));
        assertTrue(directory.isFresh(renewed));
    }

    /** A file in the place of a disk that was pulled would lie in the machine's memory. */
    @Test
    void aBlockDeviceThatIsNotThereIsNeitherBlankNorMade() throws IOException {
        Path pulled = parent.resolve("dev-pulled");
        ClusterDirectory other = new ClusterDirectory(parent.resolve("block"));
        ClusterDevice device =
                new ClusterMaker(other)
                        .make(Plans.on(List.of(pulled), ClusterPlan.DEVICE_BYTES_MIN))
                        .node(1)
                        .devices()
                        .getFirst();
        other.forgetFresh(device);
        Rejoining rejoining = new Rejoining(other);

        assertSays("no device at", () -> rejoining.blank(other.read().node(1)));
        assertSays(pulled.toString(), () -> rejoining.renew(1));
        assertFalse(Files.exists(pulled));
        assertEquals(device, other.read().node(1).devices().getFirst());

        Files.createFile(pulled);
        assertSays("no block device", () -> rejoining.renew(1));
        assertFalse(other.isFresh(device));
    }

    /** It was told with the size of the one before it, which the cluster's file keeps. */
    @Test
    void aSmallerDiskInItsPlaceIsToldWithItsOwnSize() throws Exception {
        long bytes = ClusterPlan.DEVICE_BYTES_MIN;
        ClusterDirectory other = new ClusterDirectory(parent.resolve("block"));
        Path name = parent.resolve("dev-name");
        ClusterDevice before =
                new ClusterMaker(other)
                        .make(Plans.on(List.of(name), 2 * bytes))
                        .node(1)
                        .devices()
                        .getFirst();
        other.forgetFresh(before);
        try (LoopDevice small = LoopDevice.over(parent.resolve("small"), bytes / 2, 512);
                LoopDevice swapped = LoopDevice.over(parent.resolve("other"), bytes, 512)) {
            Files.createSymbolicLink(name, small.path());
            assertSays("at least 256 MiB", () -> new Rejoining(other).renew(1));
            assertEquals(before, other.read().node(1).devices().getFirst());
            Files.delete(name);
            Files.createSymbolicLink(name, swapped.path());
            ClusterDevice now = new Rejoining(other).renew(1).devices().getFirst();
            assertEquals(bytes, now.sizeBytes());
            assertNotEquals(before.id(), now.id());
            assertEquals(now, other.read().node(1).devices().getFirst());
        }
    }

    /** As of a file system that is not mounted. */
    @Test
    void aFileBehindALinkThatLeadsNowhereIsNotMade() throws IOException {
        Path elsewhere = parent.resolve("not-mounted");
        Files.delete(directory.devicePath(devices.get(0)));
        Files.createSymbolicLink(directory.devicePath(devices.get(0)), elsewhere);

        assertSays(elsewhere.toString(), () -> new Rejoining(directory).renew(NODE));
        assertFalse(Files.exists(elsewhere));
    }

    private static void assertSays(String words, Executable refused) {
        ClusterException refusal = assertThrows(ClusterException.class, refused);
        assertTrue(String.valueOf(refusal.getMessage()).contains(words), refusal::toString);
    }

    @Test
    void withoutRoomNothingIsMadeAnew() throws IOException {
        ClusterNode before = directory.read().node(NODE);
        for (ClusterDevice device : devices) {
            Files.delete(directory.devicePath(device));
        }
        FreeSpace full = _ -> 2 * DeviceKind.FILE.neededBytes() - 1;
        assertSays("2 devices need", () -> new Rejoining(directory, full).renew(NODE));
        assertEquals(before, directory.read().node(NODE));
        assertFalse(Files.exists(directory.devicePath(devices.get(0))));
    }

    @Test
    void otherNodesStayAsTheyAre() throws IOException {
        ClusterFile before = directory.read();
        wipe(devices.get(0));
        new Rejoining(directory).renew(NODE);
        assertEquals(before.node(1), directory.read().node(1));
        assertEquals(before.node(3), directory.read().node(3));
        assertEquals(before.clusterId(), directory.read().clusterId());
    }

    /** Each read the file, looked at its devices for a while, and wrote what it had read. */
    @Test
    void twoNodesThatRejoinAtTheSameTimeBothGetNewIds() throws Exception {
        for (int round = 0; round < 5; round++) {
            ClusterFile before = directory.read();
            for (int id : new int[] {1, NODE}) {
                ClusterDevice device = before.node(id).devices().get(0);
                wipe(device);
                directory.forgetFresh(device);
            }
            CountDownLatch both = new CountDownLatch(2);
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                List<Future<ClusterNode>> renewed = new ArrayList<>();
                for (int id : new int[] {1, NODE}) {
                    renewed.add(
                            threads.submit(() -> {
                                both.countDown();
                                both.await();
                                return new Rejoining(directory).renew(id);
                            }));
                }
                assertEquals(renewed.get(0).get(), directory.read().node(1), "round " + round);
                assertEquals(renewed.get(1).get(), directory.read().node(NODE), "round " + round);
            }
            for (int id : new int[] {1, NODE}) {
                UUID old = before.node(id).devices().get(0).id();
                assertNotEquals(old, directory.read().node(id).devices().get(0).id());
            }
        }
    }

    @Test
    void aVoterThatLostItsDecisionsCannotRejoin() throws IOException {
        wipe(devices.get(0));
        directory.forgetFresh(directory.nodeDirectory(NODE).resolve(ClusterDirectory.DECISIONS));
        ClusterException refused = assertThrows(ClusterException.class, this::blank);
        assertTrue(
                String.valueOf(refused.getMessage()).startsWith("node 2 has lost its decisions"),
                refused.getMessage());
    }
}
