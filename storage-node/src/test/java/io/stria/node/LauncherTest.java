package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code stria} with a JDK and a Maven that only pretend: what it builds is one line.
 */
class LauncherTest {
    private static final String JAVA =
            """
            #!/usr/bin/env bash
            for argument; do
                case $argument in -XX:AOTCacheOutput=*) echo cache >"${argument#*=}"; exit;; esac
            done
            while (($#)); do [[ $1 != -cp ]] || jars=$2; last=$1; shift; done
            [[ $last != up ]] || { echo up; read -r; }
            echo "$jars $(cat "${jars%%:*}")"
            """;
    private static final String MAVEN =
            """
            #!/usr/bin/env bash
            home=${3%/pom.xml}
            grep -q broken "$home/runtime/src/main/code" && exit 1
            mkdir -p "$home/storage-node/target/dist/lib"
            cp "$home/runtime/src/main/code" "$home/storage-node/target/dist/lib/all.jar"
            """;

    @TempDir private Path home = Path.of("");

    private Path code = Path.of("");

    @BeforeEach
    void copy() throws IOException {
        home = home.toRealPath();
        code = home.resolve("runtime/src/main/code");
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("jdk/bin"));
        Files.createDirectories(code.getParent());
        Files.copy(Path.of("..", "stria"), home.resolve("stria"));
        Files.copy(Path.of("..", "bin", "java-home.sh"), home.resolve("bin/java-home.sh"));
        Files.copy(Path.of("..", "bin", "runs-from.sh"), home.resolve("bin/runs-from.sh"));
        Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
        program("jdk/bin/java", JAVA);
        program("jdk/bin/javac", "");
        program("bin/mvn", MAVEN);
    }

    @Test
    void aBuildThatFailsTakesNothingFromWhatRuns() throws Exception {
        Files.writeString(code, "one");
        Process running = start("up");
        assertEquals("up", firstLine(running));
        Files.writeString(code, "broken");

        assertNotEquals(0, end(start("status")));
        assertTrue(Files.readString(home.resolve("messages")).contains("the build failed"));
        Process down = start("down");
        Path jar = jar(firstLine(down));
        assertEquals(0, end(down));

        assertEquals("one", Files.readString(jar));
        running.outputWriter().close();
        assertEquals(jar + " one", running.inputReader().readLine());
        assertEquals(0, end(running));
    }

    @Test
    void whatRunsKeepsItsFilesThroughLaterBuilds() throws Exception {
        Files.writeString(code, "one");
        Process running = start("up");
        assertEquals("up", firstLine(running));
        Files.writeString(code, "two");
        Path second = jar(status());
        Files.writeString(code, "three");
        Path third = jar(status());
        assertEquals("two", Files.readString(second), "was the newest when the last build began");
        Files.writeString(code, "four");
        Path fourth = jar(status());

        running.outputWriter().close();
        String said = running.inputReader().readLine();
        assertEquals(0, end(running));
        Path first = jar(said);
        assertEquals(first + " one", said);
        assertFalse(Files.exists(second), "nothing ran from it");
        assertEquals("three", Files.readString(third));
        assertEquals("four", Files.readString(fourth));

        Files.writeString(code, "five");
        assertTrue(status().endsWith(" five"));
        assertFalse(Files.exists(first), "nothing runs from it any more");
    }

    /**
     * There was one directory for all builds; what runs from it was started before that changed.
     */
    @Test
    void whatRunsFromTheOldPlaceKeepsItsFilesAndIsStopped() throws Exception {
        Files.writeString(code, "two");
        Path old = home.resolve("storage-node/target/dist/lib/all.jar");
        Files.createDirectories(old.getParent());
        Files.writeString(old, "one");
        Files.createFile(old.resolveSibling("../built"));
        Process running =
                new ProcessBuilder(
                                home.resolve("jdk/bin/java").toString(),
                                "-cp",
                                old.toString(),
                                "up")
                        .start();
        assertEquals("up", firstLine(running));

        assertNotEquals(0, end(start("status")));
        String messages = Files.readString(home.resolve("messages"));
        assertTrue(messages.contains("end it first, a cluster with './stria down'"), messages);
        assertEquals("one", Files.readString(old));
        Process down = start("down");
        assertEquals(old + " one", firstLine(down));
        assertEquals(0, end(down));

        running.outputWriter().close();
        assertEquals(old + " one", running.inputReader().readLine());
        assertEquals(0, end(running));
        assertTrue(status().endsWith(" two"));
        assertFalse(Files.exists(old));
    }

    private String status() throws IOException, InterruptedException {
        Process status = start("status");
        String line = firstLine(status);
        assertEquals(0, end(status));
        return line;
    }

    private static Path jar(String said) {
        return Path.of(said.substring(0, said.lastIndexOf(' ')));
    }

    private static String firstLine(Process process) throws IOException {
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        return line == null ? "" : line;
    }

    private static int end(Process process) throws InterruptedException {
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        return process.exitValue();
    }

    private Process start(String command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("stria").toString(), command)
                        .redirectError(home.resolve("messages").toFile());
        builder.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        builder.environment()
                .merge("PATH", home.resolve("bin").toString(), (path, first) -> first + ":" + path);
        return builder.start();
    }

    private void program(String name, String text) throws IOException {
        Path file = Files.writeString(home.resolve(name), text);
        assertTrue(file.toFile().setExecutable(true));
    }
}
