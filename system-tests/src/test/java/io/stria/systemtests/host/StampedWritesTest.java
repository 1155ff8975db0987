package io.stria.systemtests.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The judge of stamped blocks sees what is wrong with them and nothing else: each kind of damage is
 * planted behind the back of the host, under the kernel's own target. Each test has its own part of
 * the device.
 */
@Tag("host")
class StampedWritesTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final int BLOCKS = 64;

    private static KernelHost host;
    private static KernelTarget target;
    private static String device;

    /**
     * The first blocks, for planted damage; /run/older and /run/newer are what they held and hold.
     */
    private static StampedWrites damaged;

    @BeforeAll
    static void connect() {
        KernelHost.whyNot().ifPresent(Assumptions::abort);
        host = KernelHost.start();
        target = KernelTarget.inMemory(host, "stamped", 4420, 64);
        device = target.connect("--keep-alive-tmo=5", "--reconnect-delay=1", "--ctrl-loss-tmo=-1");
        damaged = StampedWrites.start(host, StampedJob.on(device, BLOCKS));
        damaged.awaitAcknowledged(BLOCKS * 25, SOON);
        damaged.stop(SOON);
        underTheHost("dd if=%s of=/run/older bs=4096 count=64 iflag=direct");
        damaged.resume();
        damaged.awaitAcknowledged(BLOCKS * 25, SOON);
        damaged.stop(SOON);
        underTheHost("dd if=%s of=/run/newer bs=4096 count=64 iflag=direct");
    }

    @AfterAll
    static void powerOff() {
        if (host != null) {
            host.close();
        }
    }

    @Test
    void findsNothingWrongWithASoundTarget() {
        StampedWrites writes = StampedWrites.start(host, StampedJob.on(device, 1024).from(1024));
        writes.awaitAcknowledged(2000, SOON);

        StampedReport written = writes.stop(SOON);
        StampedReport verified = writes.verify(SOON);

        assertTrue(written.acknowledged() >= 2000, written.toString());
        assertTrue(written.checked() > 0, written.toString());
        assertEquals(0, written.wrong(), written.toString());
        assertEquals(0, written.ioErrors(), written.toString());
        assertEquals(1024, verified.checked());
        assertEquals(0, verified.wrong(), verified.toString());
    }

    @Test
    void findsABlockThatIsAnOlderWriteOfItself() {
        StampedReport report = verifyWith("dd if=/run/older of=%s bs=4096 skip=7 seek=7 count=1");

        assertEquals(1, report.lost(), report.toString());
        assertEquals(1, report.wrong(), report.toString());
        assertTrue(report.examples().getFirst().startsWith("lost: block 7 "), report.toString());
    }

    @Test
    void findsABlockWhoseWriteIsGone() {
        StampedReport report = verifyWith("dd if=/dev/zero of=%s bs=4096 seek=63 count=1");

        assertEquals(1, report.lost(), report.toString());
        assertEquals(1, report.wrong(), report.toString());
    }

    @Test
    void findsABlockOfTwoWrites() {
        StampedReport report =
                verifyWith(
                        "dd if=/run/newer of=/run/torn bs=4096 skip=3 count=1;"
                                + "dd if=/run/older of=/run/torn bs=512 skip=31 seek=7 count=1 conv=notrunc;"
                                + "dd if=/run/torn of=%s bs=4096 seek=3");

        assertEquals(1, report.torn(), report.toString());
        assertEquals(1, report.wrong(), report.toString());
    }

    @Test
    void findsAnyWrongByte() {
        StampedReport report =
                verifyWith(
                        "dd if=/run/newer of=/run/byte bs=4096 skip=5 count=1;"
                                + "printf '\\x5a\\xa5' | dd of=/run/byte bs=1 seek=4000 conv=notrunc;"
                                + "dd if=/run/byte of=%s bs=4096 seek=5");

        assertEquals(1, report.torn(), report.toString());
        assertEquals(1, report.wrong(), report.toString());
    }

    @Test
    void findsABlockOfAnotherPlace() {
        StampedReport report = verifyWith("dd if=/run/newer of=%s bs=4096 skip=9 seek=8 count=1");

        assertEquals(1, report.misplaced(), report.toString());
        assertEquals(1, report.wrong(), report.toString());
    }

    @Test
    void findsWrongBlocksWhileItWrites() {
        StampedWrites writes =
                StampedWrites.start(host, StampedJob.on(device, 32).from(4096).readPercent(90));
        writes.awaitAcknowledged(100, SOON);
        writes.stop(SOON);
        underTheHost("dd if=/dev/zero of=%s bs=4096 seek=4096 count=32 oflag=direct");

        writes.resume();
        writes.awaitAcknowledged(100, SOON);
        StampedReport written = writes.stop(SOON);

        assertTrue(written.lost() > 0, written.toString());
    }

    @Test
    void outlivesAStallAndMeasuresIt() {
        StampedWrites writes =
                StampedWrites.start(host, StampedJob.on(device, 256).from(5000).perSecond(500));
        writes.awaitAcknowledged(100, SOON);

        host.run(
                        "tc qdisc add dev lo root netem loss 100%; sleep 1.5; tc qdisc del dev lo root",
                        SOON)
                .orThrow();
        writes.awaitAcknowledged(100, SOON);
        StampedReport report = writes.stop(SOON);

        assertTrue(report.longestStallMs() >= 1400, report.toString());
        assertEquals(0, report.ioErrors(), report.toString());
        assertEquals(0, report.wrong(), report.toString());
    }

    @Test
    void countsIoErrorsApartFromWrongBlocks() {
        StampedJob job = StampedJob.on(device, 16).from(6000).readPercent(50);
        target.breakSectors(6000 * 8, 6000 * 8 + 7);
        StampedWrites writes = StampedWrites.start(host, job);
        writes.awaitAcknowledged(100, SOON);

        StampedReport written = writes.stop(SOON);
        StampedReport verified = writes.verify(SOON);
        target.repairSectors(6000 * 8, 6000 * 8 + 7);
        StampedReport repaired = writes.verify(SOON);

        assertEquals(
                List.of("read EIO", "write EIO"),
                written.ioErrorKinds().stream().sorted().toList());
        assertEquals(0, written.wrong(), written.toString());
        assertEquals(1, verified.ioErrors(), verified.toString());
        assertEquals(15, verified.checked(), verified.toString());
        assertEquals(0, repaired.ioErrors(), repaired.toString());
        assertEquals(0, repaired.wrong(), repaired.toString());
    }

    /** The report on the first blocks with one planted damage, which is undone afterwards. */
    private static StampedReport verifyWith(String plant) {
        underTheHost(plant + " oflag=direct");
        StampedReport report = damaged.verify(SOON);
        underTheHost("dd if=/run/newer of=%s bs=4096 count=64 oflag=direct");
        return report;
    }

    /** Does something to the target's memory, behind the back of the host. */
    private static void underTheHost(String script) {
        host.run("set -e;" + script.formatted("/dev/nullb_stamped"), SOON).orThrow();
    }
}
