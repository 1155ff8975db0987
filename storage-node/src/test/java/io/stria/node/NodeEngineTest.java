package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.node.cluster.EngineKind;
import io.stria.runtime.Memory;
import io.stria.runtime.WithoutIoUring;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.IoUring;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NodeEngineTest {
    private static final String REASON =
            "the kernel refuses io_uring (see the sysctl kernel.io_uring_disabled; a container's"
                    + " seccomp profile may forbid it too): Operation not permitted (errno 1)";

    @Test
    void nioIsTakenWhereItIsAskedFor() throws IOException {
        NodeEngine chosen = NodeEngine.open(EngineKind.NIO, new Memory());
        chosen.engine().close();

        assertEquals(EngineKind.NIO, chosen.kind());
        assertEquals("engine nio, as asked for", chosen.sentence());
    }

    @Test
    void ioUringIsTakenWhereItIsPermitted() throws IOException {
        assumeTrue(IoUring.refusal().isEmpty(), IoUring.refusal());
        for (EngineKind asked : List.of(EngineKind.AUTO, EngineKind.IO_URING)) {
            NodeEngine chosen = NodeEngine.open(asked, new Memory());
            chosen.engine().close();
            assertEquals(EngineKind.IO_URING, chosen.kind());
        }
    }

    @Test
    void nioIsTakenWhereIoUringIsForbiddenUnlessThatWasAskedFor() throws Exception {
        assertEquals(
                List.of(
                        "auto: nio: engine nio, which takes more CPU, since " + REASON,
                        "io_uring: " + REASON,
                        "nio: nio: engine nio, as asked for"),
                linesOf(NodeEngineTest.class.getName()));
    }

    @Test
    void theDoctorFindsNothingWrongWithAMachineThatForbidsIoUring() throws Exception {
        String table = String.join("\n", linesOf("io.stria.node.cli.Stria", "doctor"));

        assertTrue(
                table.lines()
                        .anyMatch(line ->
                                line.startsWith("engine")
                                        && line.contains("yes")
                                        && line.endsWith(REASON)),
                table);
    }

    private static List<String> linesOf(String mainClass, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                mainClass));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(WithoutIoUring.command(Errno.EPERM, command))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> lines = process.inputReader().readAllLines();
        process.waitFor();
        return lines;
    }

    /** In a process without io_uring: what comes of each choice. */
    public static void main(String[] arguments) {
        for (EngineKind asked : EngineKind.values()) {
            System.out.println(asked + ": " + outcome(asked));
        }
    }

    private static String outcome(EngineKind asked) {
        try {
            NodeEngine chosen = NodeEngine.open(asked, new Memory());
            chosen.engine().close();
            return chosen.kind() + ": " + chosen.sentence();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
