package io.stria.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.fuzz.planted.PlantedBug;
import io.stria.fuzz.planted.PlantedKill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FuzzRunTest {
    /** Exit status of a process that SIGKILL has ended. */
    private static final int KILLED = 137;

    private byte[] kept = new byte[0];

    /** Twelve bytes of 2^96 possible ones: only feedback from comparisons leads there. */
    @Test
    void findsAPlantedMagicNumberFromNothing() throws IOException, InterruptedException {
        forget("PlantedBug");
        FuzzReport report = new FuzzRun(PlantedBug.class, Duration.ofSeconds(300)).run();
        System.out.println(report);
        assumeTrue(report.ran(), report::trouble);
        assertFalse(report.ended());
        Path finding = report.finding();
        assertNotNull(finding, report.output());
        byte[] bytes = Files.readAllBytes(finding);
        assertThrows(IllegalStateException.class, () -> KeptInputs.run(PlantedBug.class, bytes));
        assertTrue(report.advice().contains("src/test/resources/fuzz/PlantedBug"));
    }

    /** It leaves no bytes in a file: what found nothing and did not end has said nothing. */
    @Test
    void seesThatItsProcessWasKilledUnderWay() throws IOException, InterruptedException {
        forget("PlantedKill");
        FuzzReport report = new FuzzRun(PlantedKill.class, Duration.ofSeconds(60)).run();
        System.out.println(report);
        assumeTrue(report.ran(), report::trouble);
        assertNull(report.finding());
        assertFalse(report.ended(), report.output());
        assertEquals(KILLED, report.exitStatus());
    }

    @Test
    void saysWhyTheFuzzerDoesNotRun() {
        String output = "Exception in thread \"main\" java.lang.UnsatisfiedLinkError: no driver\n";
        FuzzReport report = FuzzReport.of("Some", output, 1, 100);
        assertEquals(
                "the fuzzer does not run here: Exception in thread \"main\""
                        + " java.lang.UnsatisfiedLinkError: no driver",
                report.trouble());
    }

    @Test
    void boundsWhatADecoderAllocates() {
        AllocationBound.hold(1 << 16, () -> kept = new byte[1 << 10]);
        assertThrows(
                AssertionError.class,
                () -> AllocationBound.hold(1 << 16, () -> kept = new byte[1 << 20]));
    }

    private static void forget(String target) throws IOException {
        Path learned = Path.of("target", "fuzz", target, "learned");
        if (Files.isDirectory(learned)) {
            try (var files = Files.list(learned)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
