package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stria.runtime.ffm.spdk.Spdk;
import io.stria.runtime.ffm.spdk.SpdkFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Devices through SPDK, in a process that has its libraries from the beginning. Skipped, with the
 * reason, where SPDK is not on this machine.
 */
class SpdkTest {
    private static final long TIMEOUT_S = 300;
    private static final Pattern LAST = Pattern.compile("(\\d+) of (\\d+) succeeded");

    @TempDir private Path directory;

    @Test
    void theDeviceContractHoldsThroughSpdk() throws Exception {
        assertAllSucceed(40, SpdkCases.class);
    }

    @Test
    void devicesThatFailHangAndVanishAreToldSo() throws Exception {
        assertAllSucceed(9, SpdkFaultCases.class);
    }

    @Test
    void aProcessWithoutItsLibrariesSaysSo() {
        assertTrue(
                Spdk.refusal().contains("not in this process") || Spdk.refusal().isEmpty(),
                Spdk::refusal);
    }

    private void assertAllSucceed(int leastTests, Class<?> cases) throws Exception {
        SpdkFiles files = SpdkFiles.find(System.getenv());
        assumeTrue(files.refusal().isEmpty(), "no SPDK: " + files.refusal());
        Path output = directory.resolve("output");
        Process process = start(files, output, cases);
        try {
            assertTrue(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS), () -> "slow: " + text(output));
        } finally {
            process.destroyForcibly();
        }
        Matcher last = LAST.matcher(text(output).strip().lines().toList().getLast());
        assertTrue(last.matches(), () -> text(output));
        assertEquals(last.group(2), last.group(1), () -> text(output));
        assertTrue(Integer.parseInt(last.group(2)) >= leastTests, last::group);
    }

    private static Process start(SpdkFiles files, Path output, Class<?> cases) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-Xmx512m", "-XX:+UseSerialGC"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xcheck:jni"));
        for (String name : List.of("stria.spdk.address", "stria.spdk.hugepages")) {
            command.add("-D" + name + "=" + System.getProperty(name, ""));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(SpdkRun.class.getName(), cases.getName()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LD_PRELOAD", files.preload());
        return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    }

    private static String text(Path output) {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
