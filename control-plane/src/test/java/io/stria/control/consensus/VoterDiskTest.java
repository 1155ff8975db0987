package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Voters whose disks take nothing for a while. */
class VoterDiskTest {
    /** Below what one entry may have, and more than a segment takes of them. */
    private static final int LONG_CHARS = 900_000;

    private static final int LONG_ONES = 6;

    @TempDir Path directory;

    /** The next segment cannot be made; after the first error Ratis tries no more. */
    @Test
    void votersWhoseLogFailsKnowThatTheyTakePartInNothing() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int leader = trio.awaitLeader();
            NodeSpec node = new NodeSpec(1, "127.0.0.1", 4420, 8080, 9870, "", "", true);
            trio.propose(leader, new Decision.InitCluster(trio.clusterId, 8, "s", List.of(node)));
            assertTrue(trio.logs.values().stream().allMatch(RatisLog::alive));
            for (int id = 1; id <= 3; id++) {
                Path log = directory.resolve("n" + id).resolve(trio.clusterId.toString());
                for (int index = 1; index < 5 * LONG_ONES; index++) {
                    Path next = log.resolve("current").resolve("log_inprogress_" + index);
                    Files.createSymbolicLink(next, directory.resolve("gone").resolve("file"));
                }
            }
            boolean failed = false;
            for (int i = 0; i < LONG_ONES && !failed; i++) {
                String reason = i + "x".repeat(LONG_CHARS);
                failed = trio.propose(leader, new Decision.FailDevices(List.of(), reason)) == null;
            }
            assertTrue(failed, "no segment was full");
            trio.await(() -> trio.logs.values().stream().noneMatch(RatisLog::alive), 20_000);
        }
    }
}
