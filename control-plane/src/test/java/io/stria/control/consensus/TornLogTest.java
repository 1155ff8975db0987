package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a power cut, or a bad disk, leaves of the segment that a voter was writing. */
@Timeout(300)
class TornLogTest {
    private static final int PREALLOCATED_BYTES = 256 << 10;
    private static final int LONG_CHARS = 5_000;
    private static final int SECTOR_BYTES = 512;

    @TempDir Path directory;

    private ClusterState kept = ClusterState.empty();
    private byte[] whole = {};

    private Path segment(RatisTrio trio) {
        return trio.current(1).resolve("log_inprogress_0");
    }

    /** In a new term it is closed, and called another name. */
    private Path firstSegment(RatisTrio trio) throws IOException {
        try (Stream<Path> files = Files.list(segment(trio).resolve("..").normalize())) {
            return files.filter(file -> file.getFileName().toString().startsWith("log_0-"))
                    .findFirst()
                    .orElse(segment(trio));
        }
    }

    private RatisTrio oneVoterThatHasKeptDecisions() throws Exception {
        RatisTrio trio = new RatisTrio(directory, 300, 1);
        trio.startAll();
        NodeSpec node = new NodeSpec(1, "127.0.0.1", 4420, 8080, 9870, "", "", true);
        trio.accept(new Decision.InitCluster(trio.clusterId, 8, "s", List.of(node)));
        trio.decide(new Decision.FailDevices(List.of(), "x".repeat(LONG_CHARS)));
        kept = trio.logs.get(1).state();
        trio.stop(1);
        whole = Files.readAllBytes(segment(trio));
        dropSnapshots(trio);
        return trio;
    }

    /** One that is made at the end would hold the last entry, which power was cut at here. */
    private void dropSnapshots(RatisTrio trio) throws IOException {
        try (Stream<Path> files = Files.list(trio.storage(1).resolve("sm"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** The longest entry: of several sectors, as any that says more than a few words. */
    private byte[] longEntry() {
        List<Integer> bounds = SegmentBytes.bounds(whole);
        byte[] longest = {};
        for (int i = 1; i < bounds.size(); i++) {
            byte[] entry = Arrays.copyOfRange(whole, bounds.get(i - 1), bounds.get(i));
            longest = entry.length > longest.length ? entry : longest;
        }
        return longest;
    }

    /** What was written, then this, then the zeros that Ratis had filled the file with. */
    private void leave(RatisTrio trio, byte[] next) throws IOException {
        byte[] bytes = Arrays.copyOf(whole, whole.length + PREALLOCATED_BYTES);
        System.arraycopy(next, 0, bytes, whole.length, next.length);
        Files.write(segment(trio), bytes);
    }

    private void startsWithAllThatWasKept(RatisTrio trio) throws Exception {
        trio.start(1, false);
        trio.awaitLeader();
        assertEquals(kept, trio.logs.get(1).state());
        trio.stop(1);
        byte[] now = Files.readAllBytes(firstSegment(trio));
        assertArrayEquals(whole, Arrays.copyOf(now, whole.length));
    }

    private void isRefused(RatisTrio trio, byte[] bytes) throws IOException {
        Files.write(segment(trio), bytes);
        assertThrows(IOException.class, () -> trio.start(1, false));
        assertArrayEquals(bytes, Files.readAllBytes(segment(trio)), "left as it is");
    }

    @Test
    void anEntryWhoseEndWasNotWrittenIsCut() throws Exception {
        try (RatisTrio trio = oneVoterThatHasKeptDecisions()) {
            leave(trio, Arrays.copyOf(longEntry(), longEntry().length / 2));
            startsWithAllThatWasKept(trio);
        }
    }

    @Test
    void soIsOneOfWhichASectorInTheMiddleWasNotWritten() throws Exception {
        try (RatisTrio trio = oneVoterThatHasKeptDecisions()) {
            byte[] entry = longEntry();
            int inFile = (whole.length / SECTOR_BYTES + 2) * SECTOR_BYTES;
            int gap = inFile - whole.length;
            Arrays.fill(entry, gap, gap + SECTOR_BYTES, (byte) 0);
            leave(trio, entry);
            startsWithAllThatWasKept(trio);
        }
    }

    @Test
    void theLastEntryIsCutInItsMiddleAndThoseBeforeItStay() throws Exception {
        try (RatisTrio trio = oneVoterThatHasKeptDecisions()) {
            List<Integer> bounds = SegmentBytes.bounds(whole);
            int last = bounds.get(bounds.size() - 2);
            byte[] torn = whole.clone();
            Arrays.fill(torn, (last + whole.length) / 2, whole.length, (byte) 0);
            whole = Arrays.copyOf(whole, last);
            Files.write(segment(trio), Arrays.copyOf(torn, torn.length + PREALLOCATED_BYTES));
            startsWithAllThatWasKept(trio);
        }
    }

    @Test
    void damageWithEntriesBehindItIsRefused() throws Exception {
        try (RatisTrio trio = oneVoterThatHasKeptDecisions()) {
            List<Integer> bounds = SegmentBytes.bounds(whole);
            byte[] rotten = whole.clone();
            rotten[bounds.get(1) + 20] ^= 1;
            isRefused(trio, rotten);
            byte[] gone = whole.clone();
            Arrays.fill(gone, bounds.get(2) - 20, bounds.get(2), (byte) 0);
            isRefused(trio, gone);
        }
    }

    /** It may have been acknowledged. */
    @Test
    void soIsALastEntryOfWhichNothingIsMissing() throws Exception {
        try (RatisTrio trio = oneVoterThatHasKeptDecisions()) {
            List<Integer> bounds = SegmentBytes.bounds(whole);
            byte[] rotten = whole.clone();
            rotten[bounds.get(bounds.size() - 2) + 5] ^= 1;
            isRefused(trio, rotten);
        }
    }
}
