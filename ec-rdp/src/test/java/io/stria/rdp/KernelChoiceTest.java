package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelChoiceTest {

    @Test
    void withoutTheVectorModuleTheScalarKernelServes() throws Exception {
        assertEquals("ScalarXorKernel", lastLineOfProbe(List.of()));
    }

    @Test
    void withTheVectorModuleTheVectorKernelServes() throws Exception {
        assertEquals(
                "VectorXorKernel", lastLineOfProbe(List.of("--add-modules=jdk.incubator.vector")));
    }

    /**
     * 16 bytes is the least that is worth it, 32 one row of 8+2; this machine may have either or
     * 64.
     */
    @ParameterizedTest
    @ValueSource(ints = {16, 32, 64})
    void theVectorKernelServesAtEveryWidthOfVectors(int bytes) throws Exception {
        assertEquals(
                "VectorXorKernel",
                lastLineOfProbe(
                        List.of(
                                "--add-modules=jdk.incubator.vector",
                                "-XX:MaxVectorSize=" + bytes)));
    }

    private static String lastLineOfProbe(List<String> flags)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath(), KernelProbe.class.getName()));
        Process probe = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, probe.waitFor(), output);
        return output.strip().lines().toList().getLast();
    }

    private static String classPath() {
        return placeOf(RdpCode.class) + File.pathSeparator + placeOf(KernelProbe.class);
    }

    private static String placeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
