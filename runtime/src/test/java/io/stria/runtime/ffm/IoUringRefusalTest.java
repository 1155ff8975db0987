package io.stria.runtime.ffm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.WithoutIoUring;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class IoUringRefusalTest {
    @Test
    void saysThatAContainersProfileMayForbidIt() throws Exception {
        assertEquals(
                "the kernel refuses io_uring (see the sysctl kernel.io_uring_disabled; a"
                        + " container's seccomp profile may forbid it too): Operation not permitted"
                        + " (errno 1)",
                refusalWhereTheKernelAnswers(Errno.EPERM));
    }

    @Test
    void saysThatTheKernelMayHaveBeenBuiltWithoutIt() throws Exception {
        String refusal = refusalWhereTheKernelAnswers(Errno.ENOSYS);
        assertTrue(
                refusal.startsWith("the kernel refuses io_uring (it was built without"), refusal);
        assertTrue(refusal.endsWith("(errno 38)"), refusal);
    }

    private static String refusalWhereTheKernelAnswers(int errno)
            throws IOException, InterruptedException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IoUringRefusalTest.class.getName());
        Process process =
                new ProcessBuilder(WithoutIoUring.command(errno, command))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String refusal = process.inputReader().readLine();
        assertEquals(0, process.waitFor());
        return refusal;
    }

    public static void main(String[] arguments) {
        System.out.println(IoUring.refusal());
    }
}
