package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.decisions.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Voters whose disks take nothing for a while, or stand still. */
class VoterDiskTest {
    /** Below what one entry may have, and more than a segment takes of them. */
    private static final int LONG_CHARS = 900_000;

    private static final int LONG_ONES = 6;
    private static final int SEGMENT_BYTES = 4 << 20;

    /** So long that a voter which knows of the leader's end stands before others miss it. */
    private static final int ELECTION_MS = 4_000;

    @TempDir Path directory;

    private static Decision init(RatisTrio trio) {
        NodeSpec node = new NodeSpec(1, "127.0.0.1", 4420, 8080, 9870, "", "", true);
        return new Decision.InitCluster(trio.clusterId, 8, "s", List.of(node));
    }

    /** Its next segment cannot be made; after the first error Ratis tries no more. */
    private void fill(RatisTrio trio, int id) throws IOException {
        for (int index = 1; index < 5 * LONG_ONES; index++) {
            Path next = current(trio, id).resolve("log_inprogress_" + index);
            Files.createSymbolicLink(next, directory.resolve("gone").resolve("file"));
        }
    }

    /** Returns whether the outcome of one of them is not known. */
    private static boolean decideLongOnes(RatisTrio trio, int leader) throws Exception {
        boolean failed = false;
        for (int i = 0; i < LONG_ONES && !failed; i++) {
            String reason = i + "x".repeat(LONG_CHARS);
            failed = trio.propose(leader, new Decision.FailDevices(List.of(), reason)) == null;
        }
        return failed;
    }

    /**
     * What this voter cannot write is the newest entry that there is: the one in which a leader
     * keeps, after each decision, how far decisions have come. So nobody has more than it seems to
     * have.
     */
    private void fillWithNothingAfterIt(RatisTrio trio, int leader, int full) throws Exception {
        for (int i = 1; i <= 4; i++) {
            decide(trio, leader, LONG_CHARS);
            int decided = i;
            trio.await(() -> haveAllWritten(trio, decided), 20_000);
        }
        List<Integer> bounds = bounds(trio, full);
        int longest = 0;
        for (int i = 1; i < bounds.size(); i++) {
            longest = Math.max(longest, bounds.get(i) - bounds.get(i - 1));
        }
        int overhead = longest - LONG_CHARS;
        fill(trio, full);
        decide(trio, leader, SEGMENT_BYTES - bounds.getLast() - overhead - 5);
        RatisLog failed = trio.logs.get(full);
        assertNotNull(failed);
        trio.await(() -> !failed.alive(), 10_000);
        trio.await(
                () ->
                        trio.logs.keySet().stream()
                                .allMatch(id -> id == full || hasBegunNext(trio, id)),
                20_000);
    }

    /** Each has so many long entries, and behind them the one that says that they are decided. */
    private boolean haveAllWritten(RatisTrio trio, int longOnes) {
        for (int id : trio.logs.keySet()) {
            List<Integer> bounds = bounds(trio, id);
            int count = 0;
            int last = 0;
            for (int i = 1; i < bounds.size(); i++) {
                last = bounds.get(i) - bounds.get(i - 1);
                count += last > LONG_CHARS ? 1 : 0;
            }
            if (count < longOnes || last > LONG_CHARS) {
                return false;
            }
        }
        return true;
    }

    /** The ends of what that voter's first segment has. */
    private List<Integer> bounds(RatisTrio trio, int id) {
        try {
            return SegmentBytes.bounds(
                    Files.readAllBytes(current(trio, id).resolve("log_inprogress_0")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What did not fit into the first segment is in the second one. */
    private boolean hasBegunNext(RatisTrio trio, int id) {
        try (Stream<Path> files = Files.list(current(trio, id))) {
            return files.map(file -> file.getFileName().toString())
                    .anyMatch(name -> name.matches("log_inprogress_[1-9].*"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path current(RatisTrio trio, int id) {
        return directory.resolve("n" + id).resolve(trio.clusterId.toString()).resolve("current");
    }

    private static void decide(RatisTrio trio, int leader, int chars) throws Exception {
        assertNotNull(
                trio.propose(leader, new Decision.FailDevices(List.of(), "x".repeat(chars))),
                "four of five decide");
    }

    @Test
    void votersWhoseLogFailsKnowThatTheyTakePartInNothing() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int leader = trio.awaitLeader();
            trio.propose(leader, init(trio));
            assertTrue(trio.logs.values().stream().allMatch(RatisLog::alive));
            for (int id = 1; id <= 3; id++) {
                fill(trio, id);
            }
            assertTrue(decideLongOnes(trio, leader), "no segment was full");
            // The third one has nothing to write once two have ended, if it was behind.
            trio.await(() -> ended(trio) >= 2, 20_000);
            trio.await(() -> trio.leader() == 0, 20_000);
            assertNull(trio.propose(leader, init(trio)), "nobody decides");
        }
    }

    private static long ended(RatisTrio trio) {
        return trio.logs.values().stream().filter(log -> !log.alive()).count();
    }

    /** The voter that the others would have lead first is the one whose disk is full. */
    @Test
    void withoutAVoterWhoseDiskIsFullOthersLeadWhenTheLeaderIsKilled() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory, ELECTION_MS, 5)) {
            trio.startAll();
            trio.await(() -> trio.leader() != 0, 10 * ELECTION_MS);
            int leader = trio.leader();
            trio.propose(leader, init(trio));
            int full = leader == 1 ? 2 : 1;
            fillWithNothingAfterIt(trio, leader, full);
            RatisLog failed = trio.logs.get(full);
            assertNotNull(failed);

            trio.stop(leader);
            failed.standFor(leader);
            trio.await(() -> trio.leader() != 0, 10 * ELECTION_MS);
            int next = trio.leader();
            assertNotEquals(full, next);
            Result result = trio.propose(next, new Decision.FailDevices(List.of(), "three left"));
            assertNotNull(result, "three of five decide");
            assertEquals(0, failed.leadingTerm());
            assertEquals(Leader.UNKNOWN, failed.leader());
        }
    }

    @Test
    void aLeaderWhoseDiskIsFullMakesWayForAnother() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            int leader = trio.awaitLeader();
            trio.propose(leader, init(trio));
            fill(trio, leader);
            assertTrue(decideLongOnes(trio, leader), "no segment was full");
            trio.await(() -> trio.leader() != 0 && trio.leader() != leader, 20_000);
            Result result =
                    trio.propose(trio.leader(), new Decision.FailDevices(List.of(), "two left"));
            assertNotNull(result);
        }
    }

    /** Nothing fails, nothing is written: it is elected, and never can decide anything. */
    @Test
    void oneThatIsElectedAndCannotBeginHasAnotherLead() throws Exception {
        try (SlowLog slow = new SlowLog(3);
                RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            RatisLog stuck = trio.logs.get(3);
            assertNotNull(stuck);
            trio.await(() -> stuck.leader().nodeId() != 0, 20_000);
            // Refused until it has heard of the leader's first entry, the only one so far.
            for (int i = 0; i < 20 && stuck.leader().nodeId() != 3; i++) {
                stuck.standFor(stuck.leader().nodeId());
                long endNs = System.nanoTime() + 500_000_000L;
                trio.await(() -> stuck.leader().nodeId() == 3 || System.nanoTime() > endNs, 5_000);
            }
            assertEquals(3, stuck.leader().nodeId());

            // Who leads next may be one that is just about to end: then nobody knows what became of
            // it.
            long endNs = System.nanoTime() + 20_000_000_000L;
            Result result = null;
            while (result == null && System.nanoTime() < endNs) {
                trio.await(() -> trio.leader() != 0, 15_000);
                result = trio.propose(trio.leader(), init(trio));
            }
            assertNotNull(result);
            slow.release();
            trio.await(() -> stuck.state().equals(trio.logs.get(1).state()), 20_000);
        }
    }
}
