package io.stria.systemtests.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.systemtests.host.FioResult;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.Result;
import io.stria.systemtests.host.StampedJob;
import io.stria.systemtests.host.StampedReport;
import io.stria.systemtests.host.StampedWrites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stock initiator of Linux on two paths to a volume in memory, each path a process of its own
 * with nothing but the target in it.
 */
@NeedsKernelHost
abstract class TwoPaths {
    static final Duration SOON = Duration.ofSeconds(60);
    static final Duration LATER = Duration.ofSeconds(240);
    private static final int NOBODY = -1;

    /** How the host connects. */
    final String options;

    @TempDir private Path directory;
    KernelHost host;
    Initiator initiator;
    final Process[] targets = new Process[2];

    /**
     * @param keepAliveSeconds after which the host takes a path for lost
     */
    TwoPaths(int keepAliveSeconds) {
        options =
                "--keep-alive-tmo=%d --reconnect-delay=1 --ctrl-loss-tmo=-1"
                        .formatted(keepAliveSeconds);
    }

    @BeforeEach
    void start() throws IOException {
        host = KernelHost.start();
        initiator = new Initiator(host);
        order(0, PathTarget.BLOCKS_MAX);
        startTarget(0);
        startTarget(1);
        awaitListening(0);
        awaitListening(1);
    }

    @AfterEach
    void powerOff() {
        host.close();
    }

    void startTarget(int index) {
        targets[index] =
                host.startInNamespace(
                        KernelHost.javaCommand(
                                "-ea",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                PathTarget.class.getName(),
                                Integer.toString(index),
                                directory.resolve("orders").toString(),
                                directory.resolve("volume").toString(),
                                host.targetAddress(0),
                                host.targetAddress(1)));
    }

    /** A JVM takes a moment to listen; the kernel would log attempts before that. */
    private void awaitListening(int index) {
        String probe = "for i in {1..600}; do (: </dev/tcp/%s/%d) && exit; sleep .1; done; exit 1";
        Result result = host.run(probe.formatted(host.targetAddress(index), PathTarget.PORT), SOON);
        assertEquals(0, result.exitCode(), () -> host.processLog(targets[index]));
    }

    void order(int owner, long blocks) throws IOException {
        Path hidden = directory.resolve("orders.new");
        Files.writeString(hidden, owner + " " + blocks);
        Files.move(hidden, directory.resolve("orders"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** As owners hand over: the old one stops, and then the new one begins. */
    void moveTo(int owner) throws IOException {
        order(NOBODY, PathTarget.BLOCKS_MAX);
        awaitAna(NOBODY);
        order(owner, PathTarget.BLOCKS_MAX);
    }

    String run(String script) {
        return host.run(script, SOON).orThrow().out();
    }

    String connectBoth(String... more) {
        for (int index = 0; index < 2; index++) {
            initiator.connect(
                    PathTarget.NQN,
                    host.targetAddress(index),
                    PathTarget.PORT,
                    options + " " + String.join(" ", more));
        }
        return initiator.device(PathTarget.NQN);
    }

    /** Writes that go on until {@link #assertSound(StampedWrites)}. */
    StampedWrites connectAndWrite(int blocks) {
        return StampedWrites.start(host, StampedJob.on(connectBoth(), blocks));
    }

    /** Waits until both paths are up, and the host knows which of them is the owner's. */
    void awaitAna(int owner) {
        initiator.awaitPaths(
                PathTarget.NQN,
                path -> path.address().split("[=,]")[1] + " " + path.states(),
                List.of(expected(0, owner), expected(1, owner)));
    }

    private String expected(int index, int owner) {
        return host.targetAddress(index)
                + (index == owner ? " live optimized" : " live inaccessible");
    }

    /** Ends them: none was refused, and all are there. */
    static void assertSound(StampedWrites writes) {
        assertSound(writes.stop(SOON));
        assertSound(writes.verify(SOON));
    }

    static void assertSound(StampedReport report) {
        assertEquals(0, report.wrong() + report.ioErrors(), report.toString());
    }

    static void assertSound(FioResult result) {
        assertEquals(0, result.error(), result.toString());
    }

    /**
     * What the kernel may say: that it does as its options ask, that it waits for a path while the
     * owner changes (and how often it left that out), and that the machine's cores were busy when
     * an answer came (it was in time).
     */
    void assertQuietKernel() {
        String complaints =
                run(
                        """
                        dmesg --level=emerg,alert,crit,err,warn | grep -i nvme \\
                            | grep -v -e 'ctrl_loss_tmo < 0' -e 'no usable path - requeuing' \\
                            -e 'long keepalive RTT' \\
                            -e 'nvme_ns_head_submit_bio: [0-9]* callbacks suppressed' || true
                        """);
        assertEquals("", complaints);
        assertTargetsAlive();
    }

    void assertTargetsAlive() {
        for (Process target : targets) {
            assertTrue(target.isAlive(), () -> host.processLog(target));
        }
    }
}
