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
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Linux host keeps writing while devices leave a real cluster and others take their place. At the
 * end of each test two nodes that were whole are killed: then the data can only be read with what
 * has been moved or rebuilt. Limits of time are there so that nothing hangs; no test judges how
 * long a rebuild takes.
 */
@NeedsKernelHost
@Timeout(900)
abstract class DevicesComeAndGo {
    static final Duration SOON = Duration.ofSeconds(90);
    private static final Duration LATER = Duration.ofSeconds(500);
    private static final long STAMPED_BLOCKS = 4096;
    static final String VOLUME = "demo";

    @TempDir private Path directory;
    private KernelHost host;
    private final int perSecond;
    HostedCluster cluster;
    StampedWrites writes;

    /**
     * @param perSecond operations of the host, at most, while devices come and go; 0 is as many as
     *     it can
     */
    DevicesComeAndGo(int perSecond) {
        this.perSecond = perSecond;
    }

    @BeforeEach
    void start() {
        host = KernelHost.start();
        cluster =
                HostedCluster.upWithC1(host, directory(), "--device-size", "1GiB", "--nodes", "5");
        String device = cluster.connect(new Initiator(host), VOLUME);
        writes = StampedWrites.of(host, StampedJob.on(device, STAMPED_BLOCKS).inFlight(4));
        assertSound(writes.write(2000, SOON));
        writes.resume(perSecond);
        writes.awaitAcknowledged(100, SOON);
    }

    @AfterEach
    void stop() {
        cluster.close();
        host.close();
    }

    Path directory() {
        return directory.resolve("cluster");
    }

    /** A command of the CLI for this cluster. */
    String cli(String... words) {
        return cluster.cli(
                LATER,
                Stream.concat(Arrays.stream(words), Stream.of("--dir", directory().toString()))
                        .toArray(String[]::new));
    }

    /** A node that no path of the volume leads to, so that killing it tests the data alone. */
    int otherThan(List<Integer> nodes) {
        return IntStream.rangeClosed(1, 5)
                .filter(node -> !nodes.contains(node))
                .findFirst()
                .orElseThrow();
    }

    void nothingIsLostWithout(int... nodes) {
        cluster.kill(nodes);
        writes.awaitAcknowledged(200, SOON);
        StampedReport seen = writes.stop(SOON);
        StampedReport found = writes.verify(SOON);
        assertSound(seen);
        assertSound(found);
        assertTrue(found.checked() > 1000, found::toString);
    }

    private void assertSound(StampedReport report) {
        assertEquals(0, report.ioErrors() + report.wrong(), () -> report + cluster.logs());
    }
}
