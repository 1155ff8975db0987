package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.json.Json;
import io.stria.node.Beside;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFileLock;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.NodeRemoval;
import io.stria.node.cluster.Plans;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DownTest {
    @TempDir private Path parent;
    private ClusterDirectory directory = new ClusterDirectory(Path.of("none"));

    private final List<String> said = new CopyOnWriteArrayList<>();

    @BeforeEach
    void make() {
        directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.alone());
    }

    /** A process that runs, and ends when it is told to. */
    private static Process runs() throws IOException {
        return new ProcessBuilder("sleep", "60").start();
    }

    private void becomesKnown(Process supervisor) throws IOException {
        ProcessId id = ProcessId.of(supervisor.pid()).orElseThrow();
        Files.write(
                SupervisorFile.in(directory),
                Json.write(new SupervisorFile(id, "socket", "token")));
    }

    /** Its process has not been told yet, such as while it hears nobody. */
    @Test
    void aNodeThatWasRemovedAndRunsWithoutASupervisorIsSeenAndStopped() throws Exception {
        ClusterDirectory pair = new ClusterDirectory(parent.resolve("pair"));
        new ClusterMaker(pair).make(Plans.together(2));
        Process node = runs();
        ProcessId id = ProcessId.of(node.pid()).orElseThrow();
        Files.write(pair.nodeDirectory(2).resolve(NodeProcess.PID_FILE), Json.write(id));
        new NodeRemoval(pair).forget(2);
        assertThrows(ClusterException.class, () -> Orphans.refuse(pair, pair.read()));
        assertEquals(1, Down.stop(pair, said::add));
        assertTrue(node.waitFor(10, TimeUnit.SECONDS));
        Orphans.refuse(pair, pair.read());
    }

    /** It said that nothing runs, and the cluster came up. */
    @Test
    void whatIsBeingStartedIsStopped() throws Exception {
        Process supervisor = runs();
        Beside<Integer> down;
        try (ClusterFileLock up = ClusterFileLock.take(directory)) {
            assertNotNull(up);
            down = new Beside<>(() -> Down.stop(directory, said::add));
            down.awaitWaitIn(ClusterFileLock.class);
            becomesKnown(supervisor);
        }
        assertEquals(1, down.get());
        assertTrue(supervisor.waitFor(10, TimeUnit.SECONDS));
    }

    /** It waited without an end and without a word, and nothing could be stopped. */
    @Test
    void whoStandsStillWhileItStartsSomethingIsNotWaitedForWithoutEnd() throws Exception {
        Process supervisor = runs();
        becomesKnown(supervisor);
        long soonNs = TimeUnit.MILLISECONDS.toNanos(50);
        try (ClusterFileLock up = ClusterFileLock.take(directory)) {
            assertNotNull(up);
            Beside<Integer> down =
                    new Beside<>(() -> Down.stop(directory, said::add, soonNs, soonNs));
            assertEquals(1, down.get());
        }
        assertTrue(supervisor.waitFor(10, TimeUnit.SECONDS));
        assertEquals(2, said.size(), said.toString());
    }

    /** Has the lock until its input ends. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            try (ClusterFileLock lock =
                    ClusterFileLock.take(new ClusterDirectory(Path.of(arguments[0])))) {
                assertNotNull(lock);
                System.out.println();
                assertEquals(-1, System.in.read());
            }
        }
    }

    /** As another process has it, which the lock within this one does not know. */
    @Test
    void theLockOfAnotherProcessIsTriedUntilTheLimit() throws Exception {
        Process holder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Holder.class.getName(),
                                directory.path().toString())
                        .start();
        assertEquals("", holder.inputReader().readLine());
        assertTrue(ClusterFileLock.take(directory, TimeUnit.MILLISECONDS.toNanos(50)).isEmpty());
        holder.outputWriter().close();
        ClusterFileLock.take(directory, TimeUnit.SECONDS.toNanos(20)).orElseThrow().close();
        assertEquals(0, holder.waitFor());
    }

    /** Such as when its file system is read-only by now. */
    @Test
    void aLockThatCannotBeHadKeepsNothingRunning() throws Exception {
        Files.delete(directory.path().resolve("cluster.lock"));
        Files.createDirectory(directory.path().resolve("cluster.lock"));
        Process supervisor = runs();
        becomesKnown(supervisor);
        assertEquals(1, Down.stop(directory, said::add));
        assertTrue(supervisor.waitFor(10, TimeUnit.SECONDS));
    }
}
