package io.stria.systemtests.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** fio on the host, against the kernel's own target; each test has its own part of the device. */
@NeedsKernelHost
class FioJobTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int MEBIBYTES = 64;

    private static KernelHost host;
    private static String device;

    @BeforeAll
    static void connect() {
        host = KernelHost.start();
        KernelTarget target = KernelTarget.inMemory(host, "judged", 4420, MEBIBYTES);
        device = target.connect("--keep-alive-tmo=5", "--reconnect-delay=1", "--ctrl-loss-tmo=-1");
    }

    @AfterAll
    static void powerOff() {
        if (host != null) {
            host.close();
        }
    }

    @Test
    void thePathToTheTargetIsLive() {
        List<Initiator.PathState> paths = new Initiator(host).paths("judged");

        assertEquals(1, paths.size());
        assertEquals("live", paths.getFirst().state());
        assertEquals("optimized", paths.getFirst().ana());
        assertTrue(paths.getFirst().address().contains("trsvcid=4420"), paths.toString());
    }

    @Test
    void fioFindsWhatItWrote() {
        long bytes = 8 << 20;

        FioResult result = FioJob.verifiedWrites(device, bytes).run(host, SOON);

        assertEquals(0, result.error(), result.messages());
        assertEquals(bytes / 4096, result.writes().operations());
        assertEquals(bytes / 4096, result.reads().operations());
        assertTrue(result.writes().perSecond() > 0, result.toString());
        assertTrue(result.writes().p50Us() > 0, result.toString());
        assertTrue(result.writes().p99Us() >= result.writes().p50Us(), result.toString());
        assertTrue(result.userCpuPercent() + result.systemCpuPercent() > 0, result.toString());
    }

    @Test
    void fioReportsAWrongChecksum() {
        long bytes = 1 << 20;
        FioJob reads = new FioJob(device, "read", 4096, 4, 8 << 20, bytes, Duration.ZERO, true, 0);

        FioResult result = reads.run(host, SOON);

        assertEquals(84, result.error());
        assertTrue(result.messages().contains("verify"), result.toString());
    }

    @Test
    void fioMeasuresALoadForATime() {
        FioResult result =
                FioJob.load(device, "randread", 8 << 20, Duration.ofSeconds(1))
                        .queueDepth(4)
                        .run(host, SOON);

        assertEquals(0, result.error(), result.messages());
        assertEquals(0, result.writes().operations());
        assertTrue(result.reads().meanUs() > 0, result.toString());
    }
}
