package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.systemtests.cluster.HostedCluster;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.StampedJob;
import io.stria.systemtests.host.StampedReport;
import io.stria.systemtests.host.StampedWrites;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Linux host keeps writing while devices leave a real cluster and others take their place. At the
 * end of each test two nodes that were whole are killed: then the data can only be read with what
 * has been moved or rebuilt.
 */
@NeedsKernelHost
@Timeout(600)
class DevicesComeAndGoTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Duration LATER = Duration.ofSeconds(240);
    private static final long STAMPED_BLOCKS = 4096;
    private static final String VOLUME = "demo";

    @TempDir private Path directory;
    private KernelHost host;
    private HostedCluster cluster;
    private StampedWrites writes;

    @BeforeEach
    void start() {
        host = KernelHost.start();
        cluster = HostedCluster.up(host, directory(), "--device-size", "1GiB", "--nodes", "5");
        String device = cluster.connect(new Initiator(host), VOLUME);
        writes = StampedWrites.start(host, StampedJob.on(device, STAMPED_BLOCKS).inFlight(4));
        writes.awaitAcknowledged(2000, SOON);
    }

    @AfterEach
    void stop() {
        cluster.close();
        host.close();
    }

    private Path directory() {
        return directory.resolve("cluster");
    }

    /** A command of the CLI for this cluster. */
    private String cli(String... words) {
        return cluster.cli(
                LATER,
                Stream.concat(Arrays.stream(words), Stream.of("--dir", directory().toString()))
                        .toArray(String[]::new));
    }

    private void wipe(int node) throws IOException {
        for (int i = 1; i <= 2; i++) {
            Path device = directory().resolve("node-" + node).resolve("device-" + i);
            try (RandomAccessFile file = new RandomAccessFile(device.toFile(), "rw")) {
                long bytes = file.length();
                file.setLength(0);
                file.setLength(bytes);
            }
        }
    }

    /** A node that no path of the volume leads to, so that killing it tests the data alone. */
    private int otherThan(List<Integer> nodes) {
        return IntStream.rangeClosed(1, 5)
                .filter(node -> !nodes.contains(node))
                .findFirst()
                .orElseThrow();
    }

    private void nothingIsLostWithout(int... nodes) {
        cluster.kill(nodes);
        writes.awaitAcknowledged(200, SOON);
        StampedReport seen = writes.stop(SOON);
        StampedReport found = writes.verify(SOON);
        assertEquals(0, seen.ioErrors() + seen.wrong(), () -> seen + cluster.logs());
        assertEquals(0, found.wrong(), () -> found + cluster.logs());
        assertTrue(found.checked() > 1000, found::toString);
    }

    @Test
    void aNodeWhoseDisksWereWipedRejoinsAndHoldsWhatItShould() throws IOException {
        List<Integer> paths = cluster.pathNodes(VOLUME);
        int wiped = paths.get(1);
        List<String> before = cluster.devices().get(wiped);
        cluster.kill(wiped);
        wipe(wiped);
        writes.awaitAcknowledged(300, SOON);

        String out = cli("node", "rejoin", Integer.toString(wiped), "--wait");

        assertTrue(out.contains("online"), out);
        cluster.awaitHealthy(SOON);
        List<String> after = cluster.devices().get(wiped);
        assertEquals(2, after.size());
        assertTrue(after.stream().noneMatch(before::contains), after + " are new");
        nothingIsLostWithout(paths.get(2), otherThan(paths));
    }

    @Test
    void aNodeIsDrainedUnderLoadAndNothingOnItIsNeededAnyMore() {
        List<Integer> paths = cluster.pathNodes(VOLUME);
        int drained = otherThan(paths);

        String out = cli("node", "drain", Integer.toString(drained), "--wait");

        assertEquals(2, out.lines().filter(line -> line.contains("removed")).count(), out);
        assertTrue(cli("node", "ok-to-stop", Integer.toString(drained)).startsWith("yes: "));
        cluster.awaitHealthy(SOON);
        nothingIsLostWithout(drained, paths.get(2));
    }
}
