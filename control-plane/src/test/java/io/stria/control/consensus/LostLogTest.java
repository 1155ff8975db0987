package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A voter that has kept decisions, and of whose files something is gone when it starts again. */
@Timeout(300)
class LostLogTest {
    private static final String REFUSAL = "must not begin again";

    @TempDir Path directory;

    private static boolean isMeta(Path file) {
        return file.getFileName().toString().equals("raft-meta");
    }

    /** Deletes files of the voter's, and then the directories that are empty. */
    private static void delete(Path log, Predicate<Path> gone) throws IOException {
        try (Stream<Path> files = Files.walk(log)) {
            for (Path file : files.filter(Files::isRegularFile).filter(gone).toList()) {
                Files.delete(file);
            }
        }
    }

    private String refusal(RatisTrio trio) {
        IOException refused = assertThrows(IOException.class, () -> trio.start(3, false));
        return String.valueOf(refused.getMessage());
    }

    private void voterHasKeptADecision(RatisTrio trio) throws Exception {
        trio.startAll();
        NodeSpec node = new NodeSpec(1, "127.0.0.1", 4420, 8080, 9870, "", "", true);
        trio.accept(new Decision.InitCluster(trio.clusterId, 8, "s", List.of(node)));
        trio.await(() -> trio.epoch(1) == 1 && trio.epoch(3) == 1);
        trio.stop(3);
    }

    @Test
    void aVoterThatLostItsLogDoesNotBeginWithAnEmptyOne() throws IOException {
        try (RatisTrio trio = new RatisTrio(directory)) {
            assertTrue(refusal(trio).contains(REFUSAL));
        }
    }

    @Test
    void norDoesOneWithoutItsVote() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            voterHasKeptADecision(trio);
            delete(trio.storage(3), LostLogTest::isMeta);
            assertTrue(refusal(trio).contains(REFUSAL));
        }
    }

    @Test
    void norDoesOneWhoseDirectoryIsEmpty() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            voterHasKeptADecision(trio);
            delete(trio.storage(3), file -> true);
            assertTrue(refusal(trio).contains(REFUSAL), "an empty current/");
            Files.delete(trio.storage(3).resolve("current"));
            assertTrue(refusal(trio).contains(REFUSAL), "no current/");
            Files.delete(trio.storage(3).resolve("sm"));
            assertTrue(refusal(trio).contains(REFUSAL), "nothing at all");
        }
    }

    @Test
    void oneThatLostNothingGoesOn() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            voterHasKeptADecision(trio);
            trio.start(3, false);
            trio.await(() -> trio.epoch(3) == 1);
            assertEquals(trio.logs.get(1).state(), trio.logs.get(3).state());
        }
    }
}
