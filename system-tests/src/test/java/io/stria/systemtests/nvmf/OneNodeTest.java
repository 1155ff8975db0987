package io.stria.systemtests.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.systemtests.host.FioJob;
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
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stock initiator of Linux on two paths to a volume in memory, each path a process of its own
 * with nothing but the target in it.
 */
@NeedsKernelHost
class OneNodeTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LATER = Duration.ofSeconds(240);
    private static final int NOBODY = -1;
    private static final String OPTIONS =
            "--keep-alive-tmo=1 --reconnect-delay=1 --ctrl-loss-tmo=-1";

    @TempDir private Path directory;
    private KernelHost host;
    private Initiator initiator;
    private final Process[] targets = new Process[2];

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

    private void startTarget(int index) {
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

    private void order(int owner, long blocks) throws IOException {
        Path hidden = directory.resolve("orders.new");
        Files.writeString(hidden, owner + " " + blocks);
        Files.move(hidden, directory.resolve("orders"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** As owners hand over: the old one stops, and then the new one begins. */
    private void moveTo(int owner) throws IOException {
        order(NOBODY, PathTarget.BLOCKS_MAX);
        awaitAna(NOBODY);
        order(owner, PathTarget.BLOCKS_MAX);
    }

    private String run(String script) {
        return host.run(script, SOON).orThrow().out();
    }

    private String connectBoth(String... more) {
        for (int index = 0; index < 2; index++) {
            initiator.connect(
                    PathTarget.NQN,
                    host.targetAddress(index),
                    PathTarget.PORT,
                    OPTIONS + " " + String.join(" ", more));
        }
        return initiator.device(PathTarget.NQN);
    }

    private Set<String> ana() {
        return initiator.paths(PathTarget.NQN).stream()
                .map(path ->
                        path.address().split("[=,]")[1] + " " + path.state() + " " + path.ana())
                .collect(Collectors.toSet());
    }

    /** Both paths are up, and the host knows which of them is the owner's. */
    private void awaitAna(int owner) {
        Set<String> expected =
                Set.of(
                        host.targetAddress(0) + " live " + (owner == 0 ? "" : "in"),
                        host.targetAddress(1) + " live " + (owner == 1 ? "" : "in"));
        Set<String> wanted =
                expected.stream()
                        .map(s -> s.endsWith("in") ? s + "accessible" : s + "optimized")
                        .collect(Collectors.toSet());
        Set<String> seen = ana();
        for (int tries = 0; tries < 200 && !seen.equals(wanted); tries++) {
            seen = ana();
        }
        assertEquals(wanted, seen);
    }

    private static void assertSound(StampedReport report) {
        assertEquals(0, report.wrong() + report.ioErrors(), report.toString());
    }

    private static void assertSound(FioResult result) {
        assertEquals(0, result.error(), result.toString());
    }

    /**
     * What the kernel may say: that it does as its options ask, that it waits for a path while the
     * owner changes (and how often it left that out), and that the machine's cores were busy when
     * an answer came (it was in time).
     */
    private void assertQuietKernel() {
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

    private void assertTargetsAlive() {
        for (Process target : targets) {
            assertTrue(target.isAlive(), () -> host.processLog(target));
        }
    }

    @Test
    void isDiscoveredAndDescribedAsItIs() {
        String found = run("nvme discover -t tcp -a %s -s 4420".formatted(host.targetAddress(0)));
        assertTrue(found.contains(PathTarget.NQN), found);
        assertTrue(found.contains("traddr:  " + host.targetAddress(1)), found);

        run("nvme connect-all -t tcp -a %s -s 4420 %s".formatted(host.targetAddress(0), OPTIONS));
        String device = initiator.device(PathTarget.NQN);
        awaitAna(0);
        String path = "/dev/" + initiator.paths(PathTarget.NQN).getFirst().controller();
        String controller = run("nvme id-ctrl " + path);
        assertTrue(controller.contains("mn        : Stria"), controller);
        assertTrue(controller.contains("anacap    : 21"), controller);
        String namespace = run("nvme id-ns " + device);
        assertTrue(namespace.contains("lbads:12"), namespace);
        String limits =
                """
                cd /sys/block/%s/queue
                echo $(<logical_block_size) $(<physical_block_size) $(<max_hw_sectors_kb) \
                    $(<optimal_io_size) $(<discard_granularity) $(<write_cache) $(<fua)
                """;
        assertEquals(
                "4096 4096 1024 1048576 4096 write through 0",
                run(limits.formatted(device.substring("/dev/".length()))).strip());
        for (String command :
                List.of(
                        "smart-log %s",
                        "fw-log %s",
                        "error-log %s -e 1",
                        "effects-log %s",
                        "ana-log %s",
                        "changed-ns-list-log %s",
                        "list-ns %s",
                        "ns-descs %s -n 1",
                        "cmdset-ind-id-ns %s -n 1",
                        "nvm-id-ctrl %s",
                        "get-feature %s -f 7",
                        "get-feature %s -f 0xf",
                        "get-property %s -o 0 -H",
                        "get-property %s -o 0x1c -H")) {
            run("nvme " + command.formatted(path));
        }
        run("nvme disconnect -n " + PathTarget.NQN);
        assertQuietKernel();
    }

    @Test
    void keepsEveryByteThatIsWritten() {
        String device = connectBoth();
        assertSound(FioJob.verifiedWrites(device, 64 << 20).run(host, LATER));
        for (int blockBytes : new int[] {8192, 12288, 131072, 1 << 20}) {
            assertSound(
                    FioJob.verifiedWrites(device, 32 << 20)
                            .blockBytes(blockBytes)
                            .run(host, LATER));
        }
        assertQuietKernel();
    }

    @Test
    void speaksDigests() {
        String device = connectBoth("--hdr-digest", "--data-digest");
        FioJob job = FioJob.verifiedWrites(device, 16 << 20);
        assertSound(job.run(host, LATER));
        assertSound(job.blockBytes(65536).run(host, LATER));
        assertQuietKernel();
    }

    @Test
    void speaksWithoutFlowControl() {
        String device = connectBoth("--disable-sqflow");
        assertSound(FioJob.verifiedWrites(device, 16 << 20).run(host, LATER));
        assertQuietKernel();
    }

    @Test
    void carriesAFileSystem() {
        String device = connectBoth();
        run(
                """
                mkfs.ext4 -q %1$s && mkdir -p /run/volume && mount -o discard %1$s /run/volume
                """
                        .formatted(device));
        assertSound(FioJob.verifiedWrites("/run/volume/file", 64 << 20).run(host, LATER));
        run("rm /run/volume/file && sync && fstrim /run/volume && umount /run/volume");
        run("fsck.ext4 -fn " + device);
        run("blkdiscard -z %1$s && cmp -n $((16 << 20)) %1$s /dev/zero".formatted(device));
        assertQuietKernel();
    }

    @Test
    void losesNothingWhenTheOwnerChanges() throws IOException {
        String device = connectBoth();
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 4096));
        for (int turn = 1; turn <= 8; turn++) {
            writes.awaitAcknowledged(500, SOON);
            moveTo(turn % 2);
        }
        writes.awaitAcknowledged(500, SOON);
        assertSound(writes.stop(SOON));
        assertSound(writes.verify(SOON));
        awaitAna(0);
        assertQuietKernel();
    }

    @Test
    void losesNothingWhenTheHostResetsItsControllers() {
        String device = connectBoth();
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 4096));
        for (int turn = 0; turn < 6; turn++) {
            writes.awaitAcknowledged(300, SOON);
            run("nvme reset /dev/nvme" + turn % 2);
        }
        writes.awaitAcknowledged(300, SOON);
        assertSound(writes.stop(SOON));
        assertSound(writes.verify(SOON));
        awaitAna(0);
        assertTargetsAlive();
    }

    @Test
    void losesNothingWhenATargetIsKilled() throws IOException {
        String device = connectBoth();
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 4096));
        for (int turn = 1; turn <= 4; turn++) {
            writes.awaitAcknowledged(500, SOON);
            targets[1 - turn % 2].destroyForcibly();
            order(turn % 2, PathTarget.BLOCKS_MAX);
            writes.awaitAcknowledged(500, SOON);
            startTarget(1 - turn % 2);
            awaitAna(turn % 2);
        }
        assertSound(writes.stop(SOON));
        assertSound(writes.verify(SOON));
    }

    @Test
    void waitsWhileNoTargetIsThere() throws IOException {
        String device = connectBoth();
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 1024));
        writes.awaitAcknowledged(500, SOON);
        for (Process target : targets) {
            target.destroyForcibly();
        }
        run("until nvme list-subsys | grep -c connecting | grep -q 2; do sleep .1; done; sleep 3");
        startTarget(0);
        startTarget(1);
        writes.awaitAcknowledged(500, SOON);
        awaitAna(0);
        assertSound(writes.stop(SOON));
        assertSound(writes.verify(SOON));
    }

    @Test
    void showsANewSizeAtOnce() throws IOException {
        order(0, 1 << 15);
        String device = connectBoth();
        String size = "blockdev --getsize64 " + device;
        String wait = "for i in {1..100}; do [[ $(%s) == %d ]] && exit; sleep .05; done; exit 1";
        run(wait.formatted(size, 1L << 27));
        order(0, 1 << 16);
        run(wait.formatted(size, 1L << 28));
        assertQuietKernel();
    }

    @Test
    void goesOnWhenTheNetworkLosesAPath() throws IOException {
        String device = connectBoth();
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 1024));
        writes.awaitAcknowledged(500, SOON);
        host.cutPath(0);
        order(1, PathTarget.BLOCKS_MAX);
        writes.awaitAcknowledged(500, SOON);
        host.restorePath(0);
        awaitAna(1);
        assertSound(writes.stop(SOON));
        assertSound(writes.verify(SOON));
        assertTargetsAlive();
    }
}
