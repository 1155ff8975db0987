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
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stock initiator of Linux on two paths to a volume in memory. */
@NeedsKernelHost
class OneNodeTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LATER = Duration.ofSeconds(240);
    private static final String[] OPTIONS = {
        "--keep-alive-tmo=1", "--reconnect-delay=1", "--ctrl-loss-tmo=-1"
    };

    @TempDir private Path directory;
    private KernelHost host;
    private Initiator initiator;
    private Process target;

    @BeforeEach
    void start() throws IOException {
        host = KernelHost.start();
        initiator = new Initiator(host);
        order(0, TwoPathTarget.BLOCKS_MAX);
        startTarget();
    }

    @AfterEach
    void powerOff() {
        host.close();
    }

    private void startTarget() {
        target =
                host.startInNamespace(
                        KernelHost.javaCommand(
                                "-ea",
                                "-XX:+UseSerialGC",
                                TwoPathTarget.class.getName(),
                                host.targetAddress(0),
                                host.targetAddress(1),
                                orders().toString()));
    }

    private Path orders() {
        return directory.resolve("orders");
    }

    private void order(int owner, long blocks) throws IOException {
        Path hidden = directory.resolve("orders.new");
        Files.writeString(hidden, owner + " " + blocks);
        Files.move(hidden, orders(), StandardCopyOption.ATOMIC_MOVE);
    }

    private String run(String script) {
        return host.run(script, SOON).orThrow().out();
    }

    /** The target's JVM takes a moment to listen; the kernel would log the attempts before. */
    private void awaitListening() {
        for (int index = 0; index < 2; index++) {
            String probe =
                    "for i in {1..600}; do (: </dev/tcp/%s/4420) && exit; sleep .1; done; exit 1";
            Result result = host.run(probe.formatted(host.targetAddress(index)), SOON);
            assertEquals(0, result.exitCode(), () -> host.processLog(target));
        }
    }

    private String connectBoth(String... more) {
        awaitListening();
        for (int index = 0; index < 2; index++) {
            String options = String.join(" ", OPTIONS) + " " + String.join(" ", more);
            initiator.connect(
                    TwoPathTarget.NQN, host.targetAddress(index), TwoPathTarget.PORT, options);
        }
        return initiator.device(TwoPathTarget.NQN);
    }

    private void awaitAna(String... wanted) {
        Set<String> expected = Set.of(wanted);
        for (int tries = 0; tries < 100; tries++) {
            Set<String> seen =
                    initiator.paths(TwoPathTarget.NQN).stream()
                            .map(path -> path.address().split("[=,]")[1] + " " + path.ana())
                            .collect(Collectors.toSet());
            if (seen.equals(expected)) {
                return;
            }
        }
        assertEquals(expected, Set.copyOf(initiator.paths(TwoPathTarget.NQN)));
    }

    /**
     * What the kernel may say: that it does as its options ask, and that it waits for a path while
     * the owner changes.
     */
    private void assertQuietKernel() {
        String complaints =
                run(
                        """
                        dmesg --level=emerg,alert,crit,err,warn | grep -i nvme \
                            | grep -v -e 'ctrl_loss_tmo < 0' -e 'no usable path - requeuing' || true
                        """);
        assertEquals("", complaints);
        assertTrue(target.isAlive(), () -> host.processLog(target));
    }

    @Test
    void isDiscoveredAndDescribedAsItIs() {
        awaitListening();
        String found = run("nvme discover -t tcp -a %s -s 4420".formatted(host.targetAddress(0)));
        assertTrue(found.contains(TwoPathTarget.NQN), found);
        assertTrue(found.contains("traddr:  " + host.targetAddress(0)), found);

        String device = connectBoth();
        awaitAna(host.targetAddress(0) + " optimized", host.targetAddress(1) + " inaccessible");
        String controller = run("nvme id-ctrl /dev/nvme0");
        assertTrue(controller.contains("mn        : Stria"), controller);
        assertTrue(controller.contains("anacap    : 85"), controller);
        String namespace = run("nvme id-ns " + device);
        assertTrue(namespace.contains("lbads:12"), namespace);
        assertEquals(
                "4096 4096 131072 1048576",
                run("""
                cd /sys/block/%s/queue
                echo $(<logical_block_size) $(<physical_block_size) \
                    $(($(<max_hw_sectors_kb) * 1024)) $(<optimal_io_size)
                """
                                .formatted(device.substring("/dev/".length())))
                        .strip());
        for (String command :
                new String[] {
                    "smart-log /dev/nvme0",
                    "fw-log /dev/nvme0",
                    "error-log /dev/nvme0 -e 1",
                    "effects-log /dev/nvme0",
                    "ana-log /dev/nvme0",
                    "changed-ns-list-log /dev/nvme0",
                    "list-ns /dev/nvme0",
                    "ns-descs /dev/nvme0 -n 1",
                    "get-feature /dev/nvme0 -f 7",
                    "get-feature /dev/nvme0 -f 0xf",
                    "get-property /dev/nvme0 -o 0 -H",
                    "get-property /dev/nvme0 -o 0x1c -H"
                }) {
            run("nvme " + command);
        }
        run("nvme disconnect -n " + TwoPathTarget.NQN);
        assertQuietKernel();
    }

    @Test
    void keepsEveryByteThatIsWritten() {
        String device = connectBoth();
        FioResult whole = FioJob.verifiedWrites(device, 64 << 20).run(host, LATER);
        assertEquals(0, whole.error(), whole.toString());
        for (int blockBytes : new int[] {8192, 12288, 131072, 1 << 20}) {
            FioResult result =
                    FioJob.verifiedWrites(device, 32 << 20).blockBytes(blockBytes).run(host, LATER);
            assertEquals(0, result.error(), result.toString());
        }
        assertQuietKernel();
    }

    @Test
    void speaksDigests() {
        String device = connectBoth("--hdr-digest", "--data-digest");
        FioResult small = FioJob.verifiedWrites(device, 16 << 20).run(host, LATER);
        FioResult large =
                FioJob.verifiedWrites(device, 16 << 20).blockBytes(65536).run(host, LATER);
        assertEquals(0, small.error(), small.toString());
        assertEquals(0, large.error(), large.toString());
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
        FioResult result = FioJob.verifiedWrites("/run/volume/file", 64 << 20).run(host, LATER);
        assertEquals(0, result.error(), result.toString());
        run("rm /run/volume/file && sync && fstrim /run/volume && umount /run/volume");
        run("fsck.ext4 -fn " + device);
        run("blkdiscard -z %1$s && cmp -n $((16 << 20)) %1$s /dev/zero".formatted(device));
        assertQuietKernel();
    }

    @Test
    void losesNothingWhenTheOwnerChanges() throws IOException, InterruptedException {
        String device = connectBoth();
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 4096));
        for (int turn = 1; turn <= 8; turn++) {
            writes.awaitAcknowledged(500, SOON);
            order(turn % 2, TwoPathTarget.BLOCKS_MAX);
            Thread.sleep(turn * 7);
        }
        writes.awaitAcknowledged(500, SOON);
        StampedReport written = writes.stop(SOON);
        StampedReport verified = writes.verify(SOON);
        assertEquals(0, written.wrong() + written.ioErrors(), written.toString());
        assertEquals(0, verified.wrong() + verified.ioErrors(), verified.toString());
        awaitAna(host.targetAddress(0) + " optimized", host.targetAddress(1) + " inaccessible");
        assertQuietKernel();
    }

    @Test
    void showsANewSizeAtOnce() throws IOException {
        order(0, 1 << 15);
        String device = connectBoth();
        String size = "blockdev --getsize64 " + device;
        assertEquals(Long.toString(1L << 27), run(size).strip());
        order(0, 1 << 16);
        String wait = "for i in {1..100}; do [[ $(%s) == %d ]] && exit; sleep .05; done; exit 1";
        run(wait.formatted(size, 1L << 28));
        assertQuietKernel();
    }

    @Test
    void waitsForAPathWhenThereIsNone() throws IOException {
        String device = connectBoth();
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 1024));
        writes.awaitAcknowledged(500, SOON);
        host.cutPath(0);
        order(1, TwoPathTarget.BLOCKS_MAX);
        writes.awaitAcknowledged(500, SOON);
        host.restorePath(0);
        awaitAna(host.targetAddress(0) + " inaccessible", host.targetAddress(1) + " optimized");
        StampedReport written = writes.stop(SOON);
        StampedReport verified = writes.verify(SOON);
        assertEquals(0, written.wrong() + written.ioErrors(), written.toString());
        assertEquals(0, verified.wrong() + verified.ioErrors(), verified.toString());
    }
}
