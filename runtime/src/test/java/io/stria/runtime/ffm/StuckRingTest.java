package io.stria.runtime.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.WithoutIoUring;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StuckRingTest {
    private static final int ENTRIES = 4;

    /** Whoever runs on it would otherwise stand still without a word, also without assertions. */
    @Test
    void saysThatTheKernelTakesNothingAnyMore() throws Exception {
        Process process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        StuckRingTest.class.getName()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            boolean ends = process.waitFor(30, TimeUnit.SECONDS);
            assertTrue(ends, "it still tries");
            assertEquals(
                    "io_uring takes no submissions any more", process.inputReader().readLine());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    public static void main(String[] arguments) throws IOException {
        try (IoUring ring = IoUring.open(ENTRIES, 2 * ENTRIES, 1)) {
            ring.submit();
            WithoutIoUring.refuseToEnter(Errno.EAGAIN);
            for (int i = 0; i <= ENTRIES; i++) {
                ring.cancel(0, i);
            }
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
    }
}
