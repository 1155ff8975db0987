package io.stria.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.systemtests.host.FioJob;
import io.stria.systemtests.host.FioResult;
import io.stria.systemtests.host.Initiator;
import io.stria.systemtests.host.KernelHost;
import io.stria.systemtests.host.NeedsKernelHost;
import io.stria.systemtests.host.RunningFio;
import io.stria.systemtests.host.StampedJob;
import io.stria.systemtests.host.StampedReport;
import io.stria.systemtests.host.StampedWrites;
import io.stria.systemtests.solo.SoloNode;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A real Linux host on a volume of one node: the whole path of an IO, without a cluster around it.
 */
@NeedsKernelHost
@Timeout(600)
class SoloVolumeTest {
    private static final Duration SOON = Duration.ofSeconds(240);
    private static final int PORT = 4420;

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({"1+2, auto", "2+2, auto", "2+2, nio"})
    void servesALinuxHostAndKeepsItsDataOverAKill(String scheme, String engine) throws Exception {
        try (KernelHost host = KernelHost.start()) {
            Process node = start(host, scheme, engine, 4096);
            Initiator nvme = new Initiator(host);
            String device = connect(host, nvme);

            FioResult fio = FioJob.verifiedWrites(device, 32 << 20).queueDepth(16).run(host, SOON);
            assertEquals(0, fio.error(), () -> fio.messages() + host.processLog(node));

            StampedWrites writes =
                    StampedWrites.start(host, StampedJob.on(device, 2048).inFlight(8));
            writes.awaitAcknowledged(300, SOON);
            node.destroyForcibly().waitFor();
            Process again = start(host, scheme, engine, 4096);
            writes.awaitAcknowledged(300, SOON);
            StampedReport seen = writes.stop(SOON);
            StampedReport found = writes.verify(SOON);

            assertEquals(0, seen.ioErrors() + seen.wrong(), () -> seen + host.processLog(again));
            assertEquals(0, found.wrong(), () -> found + host.processLog(again));
            assertTrue(found.checked() >= 300, found::toString);

            keepsAFile(host, device, "mkfs.ext4 -q -F", "16M");
            nvme.disconnect(SoloNode.NQN);
            again.destroy();
        }
    }

    @Test
    void writesSectorsSideBySideAndKeepsThemOverAKill() throws Exception {
        try (KernelHost host = KernelHost.start()) {
            Process node = start(host, "2+2", "auto", 512);
            Initiator nvme = new Initiator(host);
            String device = connect(host, nvme);
            String sizes = "[[ \"$(blockdev --getss --getpbsz %s | xargs)\" == \"512 4096\" ]]";
            host.run(sizes.formatted(device), SOON).orThrow();

            // Neighbours in one block are written at once, and again over the node's end.
            FioJob sectors = FioJob.verifiedWrites(device, 1 << 20).blockBytes(512).queueDepth(32);
            FioResult fio = sectors.run(host, SOON);
            assertEquals(0, fio.error(), () -> fio.messages() + host.processLog(node));
            RunningFio running = sectors.start(host);
            nvme.awaitInFlight(0);
            node.destroyForcibly().waitFor();
            assertFalse(running.hasEnded(), "it was to run when the node is killed");
            Process again = start(host, "2+2", "auto", 512);
            FioResult over = running.await(SOON);
            assertEquals(0, over.error(), () -> over.messages() + host.processLog(again));

            keepsAFile(host, device, "mkfs.ext4 -q -F -b 1024", "4M");
            nvme.disconnect(SoloNode.NQN);
            again.destroy();
        }
    }

    private static String connect(KernelHost host, Initiator nvme) throws Exception {
        nvme.connect(
                SoloNode.NQN,
                host.targetAddress(),
                PORT,
                "--ctrl-loss-tmo=-1",
                "--keep-alive-tmo=1",
                "--reconnect-delay=1");
        return nvme.device(SoloNode.NQN);
    }

    /** Over an unmount: what is read then comes from the volume. */
    private static void keepsAFile(KernelHost host, String device, String mkfs, String size)
            throws Exception {
        String script =
                """
                set -e
                %2$s %1$s
                mkdir -p /mnt/v && mount %1$s /mnt/v
                head -c %3$s /dev/urandom > /mnt/v/file
                sum=$(md5sum < /mnt/v/file)
                umount /mnt/v && mount %1$s /mnt/v
                [[ $sum == "$(md5sum < /mnt/v/file)" ]]
                umount /mnt/v
                """;
        host.run(script.formatted(device, mkfs, size), SOON).orThrow();
    }

    private Process start(KernelHost host, String scheme, String engine, int lbaBytes)
            throws Exception {
        Process node =
                host.startInNamespace(
                        KernelHost.javaCommand(
                                "-ea",
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-modules=jdk.incubator.vector",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1", // it never gets warm here
                                "-Xmx256m",
                                SoloNode.class.getName(),
                                directory.resolve("cluster").toString(),
                                host.targetAddress(),
                                Integer.toString(PORT),
                                scheme,
                                "1024",
                                engine,
                                Integer.toString(lbaBytes)));
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!host.processLog(node).contains("serving")) {
            assertTrue(node.isAlive() && System.nanoTime() < deadline, () -> host.processLog(node));
            Thread.sleep(50);
        }
        return node;
    }
}
