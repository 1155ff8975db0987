package io.stria.systemtests.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The judge of stamped blocks sees what is wrong with them and nothing else: each kind of damage is
 * planted behind the back of the host, under the kernel's own target. Each test has its own part of
 * the device.
 */
@NeedsKernelHost
class StampedWritesTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static KernelHost host;
    private static KernelTarget target;
    private static String device;

    @BeforeAll
    static void connect() {
        host = KernelHost.start();
        target = KernelTarget.inMemory(host, "stamped", 4420, 64);
        device = target.connect("--keep-alive-tmo=5", "--reconnect-delay=1", "--ctrl-loss-tmo=-1");
    }

    @AfterAll
    static void powerOff() {
        if (host != null) {
            host.close();
        }
    }

    @Test
    void findsNothingWrongWithASoundTarget() {
        StampedWrites writes = StampedWrites.of(host, StampedJob.on(device, 1024).from(1024));

        StampedReport written = writes.write(2000, SOON);
        StampedReport verified = writes.verify(SOON);

        assertTrue(written.acknowledged() >= 2000, written.toString());
        assertTrue(written.checked() > 0, written.toString());
        assertEquals(0, written.wrong(), written.toString());
        assertEquals(0, written.ioErrors(), written.toString());
        assertEquals(1024, verified.checked());
        assertEquals(0, verified.wrong(), verified.toString());
    }

    @Test
    void findsEachPlantedDamageAndNothingElse() {
        StampedWrites writes = StampedWrites.of(host, StampedJob.on(device, 32));
        writes.write(32 * 25, SOON);
        underTheHost("dd if=%s of=/run/older bs=4096 count=32 iflag=direct");
        writes.write(32 * 25, SOON);
        underTheHost(
                "dd if=%s of=/run/newer bs=4096 count=32 iflag=direct; cp /run/newer /run/bad");
        StampedReport sound = writes.verify(SOON);

        underTheHost(
                """
                into_bad() { dd of=/run/bad conv=notrunc "$@"; }
                into_bad if=/run/older bs=4096 skip=7 seek=7 count=1     # an older write of itself
                into_bad if=/dev/zero bs=4096 seek=31 count=1            # no write at all
                into_bad if=/run/older bs=512 skip=31 seek=31 count=1    # one old sector: block 3
                printf '\\x5a\\xa5' | into_bad bs=1 seek=24480           # two wrong bytes: block 5
                into_bad if=/run/newer bs=4096 skip=9 seek=8 count=1     # block 9 at the place of 8
                dd if=/run/bad of=%s bs=4096 oflag=direct
                """);
        StampedReport report = writes.verify(SOON);
        underTheHost("dd if=/run/newer of=%s bs=4096 oflag=direct");
        StampedReport restored = writes.verify(SOON);

        assertEquals(0, sound.wrong(), sound.toString());
        assertEquals(
                List.of(
                        "torn: block 3",
                        "torn: block 5",
                        "lost: block 7",
                        "misplaced: block 8",
                        "lost: block 31"),
                report.examples().stream().map(line -> line.replaceAll(" must .*", "")).toList());
        assertEquals(2, report.torn());
        assertEquals(2, report.lost());
        assertEquals(1, report.misplaced());
        assertEquals(0, report.neverWritten());
        assertEquals(0, restored.wrong(), restored.toString());
    }

    @Test
    void findsBlocksNewerThanAnythingIssued() {
        StampedWrites writes = StampedWrites.of(host, StampedJob.on(device, 8).from(512));
        writes.write(50, SOON);
        host.run("cp %1$s %1$s.old".formatted(writes.log()), SOON).orThrow();
        writes.write(200, SOON);
        host.run("mv %1$s.old %1$s".formatted(writes.log()), SOON).orThrow();

        StampedReport report = writes.verify(SOON);

        assertEquals(8, report.neverWritten(), report.toString());
        assertEquals(8, report.wrong(), report.toString());
    }

    @Test
    void findsWrongBlocksWhileItWrites() {
        StampedJob job = StampedJob.on(device, 32).from(4096).readPercent(90);
        StampedWrites writes = StampedWrites.of(host, job);
        writes.write(100, SOON);
        underTheHost("dd if=/dev/zero of=%s bs=4096 seek=4096 count=32 oflag=direct");

        StampedReport written = writes.write(100, SOON);

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
        StampedWrites writes = StampedWrites.of(host, job);

        // As many reads; both hit one block of 16.
        StampedReport written = writes.write(400, SOON);
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

    /** Does something to the target's memory, behind the back of the host. */
    private static void underTheHost(String script) {
        host.run("set -e\n" + script.formatted("/dev/nullb_stamped"), SOON).orThrow();
    }
}
