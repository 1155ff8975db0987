package io.stria.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The test of one decoder by bytes that a fuzzer makes up. A subclass has a method {@code public
 * static void fuzzerTestOneInput(byte[])} that gives the bytes to its decoder and throws whatever
 * that must not do; kept inputs stand in {@code src/test/resources/fuzz/} and the class's name.
 *
 * <p>The fuzzer runs for {@code -Dstria.fuzz.seconds} (10).
 */
public abstract class FuzzTest {
    @Test
    void keepsItsWordForEveryKeptInput() throws Throwable {
        List<Path> inputs = KeptInputs.of(getClass());
        assertTrue(!inputs.isEmpty(), "no kept inputs: the fuzzer would begin with nothing");
        for (Path input : inputs) {
            try {
                KeptInputs.run(getClass(), Files.readAllBytes(input));
            } catch (Throwable t) {
                throw new AssertionError("kept input " + input.getFileName(), t);
            }
        }
    }

    @Test
    void keepsItsWordForEveryInputTheFuzzerFinds() throws IOException, InterruptedException {
        Duration duration = Duration.ofSeconds(Long.getLong("stria.fuzz.seconds", 10));
        FuzzReport report = new FuzzRun(getClass(), duration).run();
        System.out.println(report);
        assumeTrue(report.ran(), report::trouble);
        assertTrue(report.finding() == null, report::advice);
        assertTrue(report.ended(), report::breakOff);
    }
}
