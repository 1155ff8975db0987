package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.decisions.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Voters whose disks take nothing for a while. */
class VoterDiskTest {
    /** Below what one entry may have, and more than a segment takes of them. */
    private static final int LONG_CHARS = 900_000;

    private static final int LONG_ONES = 6;
    private static final long AGAIN_MS = 30_000;

    @TempDir Path directory;

    private static Decision init(RatisTrio trio) {
        NodeSpec node = new NodeSpec(1, "127.0.0.1", 4420, 8080, 9870, "", "", true);
        return new Decision.InitCluster(trio.clusterId, 8, "s", List.of(node));
    }

    private static Path current(RatisTrio trio, Path directory, int id) {
        return directory.resolve("n" + id).resolve(trio.clusterId.toString()).resolve("current");
    }

    /** A decision, of whoever leads then. */
    private static Result decideAgain(RatisTrio trio, Decision decision)
            throws InterruptedException {
        long endNs = System.nanoTime() + AGAIN_MS * 1_000_000;
        while (System.nanoTime() < endNs) {
            trio.await(() -> trio.leader() != 0, AGAIN_MS);
            Result result = trio.propose(trio.leader(), decision);
            if (result != null) {
                return result;
            }
        }
        throw new AssertionError("nothing was decided within " + AGAIN_MS + " ms");
    }

    /** The next segment cannot be made; after the first error Ratis tries no more. */
    @Test
    void votersDecideAgainAfterALogHasFailedOnAllOfThem() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int leader = trio.awaitLeader();
            trio.propose(leader, init(trio));
            for (int id = 1; id <= 3; id++) {
                for (int index = 1; index < 5 * LONG_ONES; index++) {
                    Path next = current(trio, directory, id).resolve("log_inprogress_" + index);
                    Files.createSymbolicLink(next, directory.resolve("gone").resolve("file"));
                }
            }
            boolean failed = false;
            for (int i = 0; i < LONG_ONES && !failed; i++) {
                String reason = i + "x".repeat(LONG_CHARS);
                failed = trio.propose(leader, new Decision.FailDevices(List.of(), reason)) == null;
            }
            assertTrue(failed, "no segment was full");
            long epoch = trio.logs.get(leader).state().map().epoch();

            assertEquals(Result.Outcome.ALREADY, decideAgain(trio, init(trio)).outcome());
            for (RatisLog log : trio.logs.values()) {
                trio.await(() -> log.state().map().epoch() >= epoch, AGAIN_MS);
            }
        }
    }

    /** A vote that cannot be kept ends an election, and Ratis's candidate never stands again. */
    @Test
    void votersElectWhenThereIsRoomAgain() throws Exception {
        assumeTrue(mount("mount", "-t", "tmpfs", "-o", "size=6m", "none", directory.toString()));
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int first = trio.awaitLeader();
            trio.propose(first, init(trio));
            try (Filler filler = new Filler(directory.resolve("ballast"))) {
                filler.awaitFull();
                trio.stop(first);
                long untilNs = System.nanoTime() + 8_000_000_000L;
                trio.await(() -> System.nanoTime() > untilNs, 20_000);
                assertEquals(0, trio.leader());
            }
            assertEquals(Result.Outcome.ALREADY, decideAgain(trio, init(trio)).outcome());
            assertNotEquals(first, trio.leader());
        } finally {
            mount("umount", "-l", directory.toString());
        }
    }

    /** Whether this process may. */
    private static boolean mount(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }

    /** Takes all room that there is, also what others give back. */
    private static final class Filler implements AutoCloseable {
        private final Path file;
        private final CountDownLatch full = new CountDownLatch(1);
        private final Thread thread = Thread.ofPlatform().unstarted(this::run);
        private volatile boolean closed;

        Filler(Path file) {
            this.file = file;
            thread.start();
        }

        private void run() {
            byte[] page = new byte[4096];
            try (OutputStream out = Files.newOutputStream(file)) {
                while (!closed) {
                    try {
                        out.write(page);
                    } catch (IOException e) {
                        full.countDown();
                        Thread.sleep(2);
                    }
                }
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        void awaitFull() throws InterruptedException {
            full.await();
        }

        @Override
        public void close() throws IOException {
            closed = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Files.delete(file);
        }
    }
}
