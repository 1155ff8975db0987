package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.consensus.DecisionLog.Leader;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Voters whose disks take nothing for a while, or stand still. */
@Timeout(300)
class VoterDiskTest {
    /** Below what one entry may have, and more than a segment takes of them. */
    private static final int LONG_CHARS = 900_000;

    private static final int LONG_ONES = 6;
    private static final int SEGMENT_BYTES = 4 << 20;
    private static final int ATTEMPTS = 5;

    /** So long that a voter which knows of the leader's end stands before others miss it. */
    private static final int ELECTION_MS = 4_000;

    @TempDir Path directory;

    private static Decision init(RatisTrio trio) {
        NodeSpec node = new NodeSpec(1, "127.0.0.1", 4420, 8080, 9870, "", "", true);
        return new Decision.InitCluster(trio.clusterId, 8, "s", List.of(node));
    }

    /** Its next segment cannot be made; after the first error Ratis tries no more. */
    private void fill(RatisTrio trio, int id) throws IOException {
        for (int index = 1; index < 10 * LONG_ONES; index++) {
            Path next = trio.current(id).resolve("log_inprogress_" + index);
            try {
                Files.createSymbolicLink(next, directory.resolve("gone").resolve("file"));
            } catch (FileAlreadyExistsException e) {
                // The segment that is being written, which another leader has begun.
            }
        }
    }

    /** Whoever leads decides long ones until so many voters have ended. */
    private static void decideLongOnesUntil(RatisTrio trio, LongSupplier ended, int count)
            throws Exception {
        for (int i = 0; i < 4 * LONG_ONES && ended.getAsLong() < count; i++) {
            trio.await(() -> trio.leader() != 0 || ended.getAsLong() >= count);
            int leader = trio.leader();
            if (leader != 0) {
                String reason = i + "x".repeat(LONG_CHARS);
                trio.propose(leader, new Decision.FailDevices(List.of(), reason));
            }
        }
        trio.await(() -> ended.getAsLong() >= count);
    }

    /**
     * What this voter cannot write is the newest entry that there is: the one in which a leader
     * keeps, after each decision, how far decisions have come. So nobody has more than it seems to
     * have.
     *
     * @return false if something else than planned is in the first segment, or after it
     */
    private boolean fillWithNothingAfterIt(RatisTrio trio, int leader, int full) throws Exception {
        for (int i = 1; i <= 4; i++) {
            if (!decide(trio, leader, LONG_CHARS)) {
                return false;
            }
            int decided = i;
            trio.await(() -> !isFirstTerm(trio, leader) || haveAllWritten(trio, decided));
        }
        List<Integer> bounds = bounds(trio, full);
        if (bounds.isEmpty()) {
            return false;
        }
        int longest = 0;
        for (int i = 1; i < bounds.size(); i++) {
            longest = Math.max(longest, bounds.get(i) - bounds.get(i - 1));
        }
        int overhead = longest - LONG_CHARS;
        fill(trio, full);
        if (!decide(trio, leader, SEGMENT_BYTES - bounds.getLast() - overhead - 5)) {
            return false;
        }
        trio.await(() -> !trio.log(full).alive());
        trio.await(() ->
                trio.logs.keySet().stream().allMatch(id -> id == full || hasBegunNext(trio, id)));
        return isFirstTerm(trio, leader);
    }

    /** What another term begins with is in a segment of its own. */
    private static boolean isFirstTerm(RatisTrio trio, int leader) {
        return trio.log(leader).leadingTerm() == 1;
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

    /** The ends of what that voter's first segment has; none when it is closed. */
    private List<Integer> bounds(RatisTrio trio, int id) {
        try {
            return SegmentBytes.bounds(
                    Files.readAllBytes(trio.current(id).resolve("log_inprogress_0")));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What did not fit into the first segment is in the second one. */
    private boolean hasBegunNext(RatisTrio trio, int id) {
        try (Stream<Path> files = Files.list(trio.current(id))) {
            return files.map(file -> file.getFileName().toString())
                    .anyMatch(name -> name.matches("log_inprogress_[1-9].*"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In the first term, and as far as is known. */
    private static boolean decide(RatisTrio trio, int leader, int chars) throws Exception {
        return trio.propose(leader, new Decision.FailDevices(List.of(), "x".repeat(chars))) != null
                && isFirstTerm(trio, leader);
    }

    @Test
    void votersWhoseLogFailsKnowThatTheyTakePartInNothing() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            trio.accept(init(trio));
            assertTrue(trio.logs.values().stream().allMatch(RatisLog::alive));
            for (int id = 1; id <= 3; id++) {
                fill(trio, id);
            }
            // The third one has nothing to write once two have ended, if it was behind.
            decideLongOnesUntil(trio, () -> ended(trio), 2);
            trio.await(() -> trio.leader() == 0);
            for (int id = 1; id <= 3; id++) {
                assertNull(trio.propose(id, init(trio)), "nobody decides");
            }
        }
    }

    private static long ended(RatisTrio trio) {
        return trio.logs.values().stream().filter(log -> !log.alive()).count();
    }

    /** The voter that the others would have lead first is the one whose disk is full. */
    @Test
    void withoutAVoterWhoseDiskIsFullOthersLeadWhenTheLeaderIsKilled() throws Exception {
        boolean seen = false;
        for (int attempt = 1; attempt <= ATTEMPTS && !seen; attempt++) {
            Path own = directory.resolve("attempt" + attempt);
            try (RatisTrio trio = new RatisTrio(own, ELECTION_MS, 5)) {
                seen = othersLeadWithoutOneThatIsFull(trio);
            }
        }
        assertTrue(seen, "there was another term each time");
    }

    /** Returns false if there was another term before it was full: then nothing is shown. */
    private boolean othersLeadWithoutOneThatIsFull(RatisTrio trio) throws Exception {
        trio.startAll();
        trio.accept(init(trio));
        int leader = trio.awaitLeader();
        int full = leader == 1 ? 2 : 1;
        if (!fillWithNothingAfterIt(trio, leader, full)) {
            return false;
        }
        RatisLog failed = trio.log(full);
        trio.stop(leader);
        failed.standFor(leader);
        assertNotEquals(full, trio.awaitLeader());
        trio.decide(new Decision.FailDevices(List.of(), "three left"));
        assertEquals(0, failed.leadingTerm());
        assertEquals(Leader.UNKNOWN, failed.leader());
        return true;
    }

    @Test
    void aLeaderWhoseDiskIsFullMakesWayForAnother() throws Exception {
        try (RatisTrio trio = new RatisTrio(directory)) {
            trio.startAll();
            trio.accept(init(trio));
            int leader = trio.awaitLeader();
            fill(trio, leader);
            RatisLog failed = trio.log(leader);
            decideLongOnesUntil(trio, () -> failed.alive() ? 0 : 1, 1);
            trio.await(() -> trio.leader() != 0 && trio.leader() != leader);
            trio.decide(new Decision.FailDevices(List.of(), "two left"));
        }
    }

    /** Nothing fails, nothing is written: it is elected, and never can decide anything. */
    @Test
    void oneThatIsElectedAndCannotBeginHasAnotherLead() throws Exception {
        // Released before that voter is closed, which waits for its log.
        try (RatisTrio trio = new RatisTrio(directory);
                SlowLog slow = new SlowLog(3)) {
            trio.startAll();
            RatisLog stuck = trio.log(3);
            trio.await(() -> stuck.leader().nodeId() != 0);
            // Refused until it has heard of the leader's first entry, the only one so far.
            long limitNs = System.nanoTime() + RatisTrio.PATIENCE_MS * 1_000_000L;
            boolean elected = stuck.leader().nodeId() == 3;
            while (!elected && System.nanoTime() < limitNs) {
                stuck.standFor(stuck.leader().nodeId());
                long endNs = System.nanoTime() + 500_000_000L;
                trio.await(() -> stuck.leader().nodeId() == 3 || System.nanoTime() > endNs);
                elected = stuck.leader().nodeId() == 3;
            }
            assertTrue(elected);

            // Who leads next may be one that is just about to end.
            trio.decide(init(trio));
            slow.release();
            trio.await(() -> stuck.state().equals(trio.log(1).state()));
        }
    }
}
