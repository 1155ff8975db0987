package io.stria.node.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.node.Beside;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterMakerTest {
    @TempDir private Path parent;

    private ClusterDirectory directory() {
        return new ClusterDirectory(parent.resolve("below").resolve("cluster"));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private static String refusal(Runnable action) {
        return String.valueOf(assertThrows(ClusterException.class, action::run).getMessage());
    }

    /** Blocks of 512 bytes that the file takes. */
    private static int blocksOf(Path file) throws IOException {
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        return Integer.parseInt(new String(stat.getInputStream().readAllBytes(), US_ASCII).strip());
    }

    @Test
    void readsBackWhatItMade() {
        ClusterFile made = new ClusterMaker(directory()).make(Plans.small(5));

        assertEquals(made, directory().read());
        assertEquals(5, made.nodes().size());
        assertEquals(List.of(4440, 4441, 4442, 4443, 4444), made.node(3).ports());
    }

    @Test
    void devicesAreSparseAndMarkedAsFresh() throws IOException {
        ClusterDirectory directory = directory();
        ClusterFile made = new ClusterMaker(directory).make(Plans.small(2));

        ClusterDevice device = made.node(2).devices().get(1);
        assertEquals(ClusterPlan.DEVICE_BYTES_MIN, Files.size(directory.devicePath(device)));
        assertEquals(0, blocksOf(directory.devicePath(device)));
        assertTrue(directory.isFresh(device));

        directory.forgetFresh(device);
        assertFalse(directory.isFresh(device));
        assertTrue(
                directory.isFresh(made.node(2).devices().get(0)), "the other device stays fresh");
    }

    @Test
    void onlyTheUserReadsTheSecret() throws IOException {
        new ClusterMaker(directory()).make(Plans.small(1));
        Path secret = directory().secretFile();

        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        assertEquals(directory().readSecret().id(), directory().readSecret().id());

        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));
        assertTrue(refusal(() -> directory().readSecret()).contains("chmod 600"));
    }

    @Test
    void aForeignDirectoryIsRefusedAndStaysAsItIs() throws IOException {
        Path foreign = Files.createDirectories(directory().path());
        Files.writeString(foreign.resolve("thesis.txt"), "draft");

        String sentence = refusal(() -> new ClusterMaker(directory()).make(Plans.small(5)));

        assertTrue(sentence.contains("thesis.txt"), sentence);
        assertEquals(List.of("thesis.txt"), names(foreign));
    }

    @Test
    void aFileInTheWayIsRefused() throws IOException {
        Files.createDirectories(parent.resolve("below"));
        Files.writeString(directory().path(), "");

        assertTrue(
                refusal(() -> new ClusterMaker(directory()).make(Plans.small(5)))
                        .contains("no directory"));
    }

    @Test
    void anExistingClusterIsNotMadeAgain() {
        ClusterFile made = new ClusterMaker(directory()).make(Plans.small(5));

        assertTrue(
                refusal(() -> new ClusterMaker(directory()).make(Plans.small(5)))
                        .contains("holds a cluster already"));
        assertEquals(made, directory().read());
    }

    /** Each cleared away what the other had just made, and both said that theirs is there. */
    @Test
    void twoThatMakeTheSameTakeTurns() throws Exception {
        Files.createDirectories(directory().path());
        Beside<ClusterFile> making;
        try (ClusterFileLock first = ClusterFileLock.take(directory())) {
            making = new Beside<>(() -> new ClusterMaker(directory()).make(Plans.small(3)));
            making.awaitWaitIn(ClusterFileLock.class);
            assertEquals(List.of(ClusterFileLock.LOCK_FILE), names(directory().path()));
            first.write(Plans.small(1).draw());
        }
        ExecutionException second = assertThrows(ExecutionException.class, making::get);
        assertTrue(String.valueOf(second.getMessage()).contains("holds a cluster already"));
        assertEquals(1, directory().read().nodes().size());
    }

    @Test
    void aMakingThatWasCutShortIsBegunAnew() throws IOException {
        ClusterFile first = new ClusterMaker(directory()).make(Plans.small(3));
        Files.writeString(directory().path().resolve("making"), "");
        Files.delete(directory().clusterFile());

        ClusterFile second = new ClusterMaker(directory()).make(Plans.small(3));

        assertFalse(first.clusterId().equals(second.clusterId()));
        assertEquals(second, directory().read());
        assertFalse(Files.exists(directory().path().resolve("making")));
    }

    @Test
    void aFullDiskIsRefusedBeforeAnythingIsWritten() {
        ClusterPlan plan = Plans.small(5);
        ClusterMaker maker = new ClusterMaker(directory(), _ -> 10 * plan.kind().neededBytes() - 1);

        String sentence = refusal(() -> maker.make(plan));

        assertTrue(sentence.contains("free"), sentence);
        assertFalse(Files.exists(parent.resolve("below")));
    }

    @Test
    void anotherFormatVersionIsRefusedAndStaysAsItIs() throws IOException {
        new ClusterMaker(directory()).make(Plans.small(1));
        String newer =
                Files.readString(directory().clusterFile())
                        .replace("\"format\" : 1", "\"format\" : 2, \"zones\" : []");
        Files.writeString(directory().clusterFile(), newer);

        String sentence = refusal(() -> directory().read());

        assertTrue(sentence.contains("format version 2"), sentence);
        assertEquals(newer, Files.readString(directory().clusterFile()));
    }

    @Test
    void theEngineThatWasAskedForIsKept() {
        ClusterPlan plan =
                new ClusterPlan(
                        1,
                        2,
                        ClusterPlan.DEVICE_BYTES_MIN,
                        "127.0.0.1",
                        4420,
                        new Scheme(1),
                        Tolerance.NODE,
                        EngineKind.NIO,
                        DeviceKind.FILE,
                        List.of());
        new ClusterMaker(directory()).make(plan);

        assertEquals(EngineKind.NIO, directory().read().engine());
    }

    @Test
    void aClusterMadeBeforeThereWereEnginesTakesTheOneThatSuits() throws IOException {
        ClusterFile made = new ClusterMaker(directory()).make(Plans.small(1));
        Path file = directory().clusterFile();
        String older = Files.readString(file).replaceFirst("\\s*\"engine\" : \"auto\",", "");
        assertFalse(older.contains("engine"), older);
        Files.writeString(file, older);

        assertEquals(made, directory().read());
    }

    @Test
    void anUnknownEngineIsRefused() throws IOException {
        new ClusterMaker(directory()).make(Plans.small(1));
        Path file = directory().clusterFile();
        Files.writeString(file, Files.readString(file).replace("\"auto\"", "\"steam\""));

        assertTrue(refusal(() -> directory().read()).contains("steam"));
    }

    @Test
    void aDamagedFileIsRefused() throws IOException {
        new ClusterMaker(directory()).make(Plans.small(1));
        Path file = directory().clusterFile();
        String whole = Files.readString(file);
        for (int length : List.of(0, 1, whole.length() / 2, whole.length() - 2)) {
            Files.writeString(file, whole.substring(0, length));
            assertTrue(refusal(() -> directory().read()).contains("damaged"), "length " + length);
        }
    }

    @Test
    void aSchemeThatTwoLostNodesWouldBreakIsRefused() {
        assertTrue(refusal(() -> Plans.small(3).checkScheme()).contains("--scheme 1+2"));
        assertTrue(refusal(() -> Plans.small(2).checkScheme()).contains("3 at least"));
        Plans.small(4).checkScheme();
    }

    @Test
    void anEvenNumberOfVotersIsNotUsed() {
        assertEquals(
                List.of(1, 1, 3, 3, 5, 5, 5),
                Stream.of(1, 2, 3, 4, 5, 6, 7).map(ClusterFile::voters).toList());
    }

    @Test
    void moreNodesThanHaveControllerIdsAreRefused() {
        assertEquals(15, Plans.small(15).draw().nodes().size());
        assertTrue(refusal(() -> Plans.small(16)).contains("1 to 15 nodes, not 16"));
    }

    @Test
    void portsBeyondTheLastAreRefused() {
        assertTrue(
                refusal(() -> new ClusterPlan(5, 2, 1L << 30, "127.0.0.1", 65_500, new Scheme(2)))
                        .contains("from 1 to 65486"));
    }
}
