package io.stria.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of Jazzer in a JVM of its own: its agent rewrites every class of Stria so that branches
 * and comparisons steer the bytes to come. What it learned stays in {@code target/fuzz/}, for the
 * next run.
 */
final class FuzzRun {
    private static final int HEAP_MIB = 512;

    /** For a machine that does many other things: what never ends is found all the same. */
    private static final int INPUT_SECONDS_MAX = 120;

    private final Class<?> target;
    private final Duration duration;
    private final Path directory;

    FuzzRun(Class<?> target, Duration duration) {
        this.target = target;
        this.duration = duration;
        this.directory = Path.of("target", "fuzz", target.getSimpleName()).toAbsolutePath();
    }

    FuzzReport run() throws IOException, InterruptedException {
        Path learned = Files.createDirectories(directory.resolve("learned"));
        Path log = directory.resolve("log");
        long begin = System.nanoTime();
        Process process =
                new ProcessBuilder(command(learned))
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        int exitStatus;
        try {
            exitStatus = process.waitFor();
        } finally {
            process.destroyForcibly();
        }
        long millis = (System.nanoTime() - begin) / 1_000_000;
        String output = new String(Files.readAllBytes(log), StandardCharsets.ISO_8859_1);
        return FuzzReport.of(target.getSimpleName(), output, exitStatus, millis);
    }

    private List<String> command(Path learned) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-ea",
                        "-Xmx" + HEAP_MIB + "m",
                        "-XX:+UseSerialGC",
                        "-XX:+EnableDynamicAgentLoading",
                        "-XX:-OmitStackTraceInFastThrow",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-modules=jdk.incubator.vector",
                        "-cp",
                        classPath(),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + target.getName(),
                        "--instrumentation_includes=io.stria.**",
                        "--instrumentation_excludes=io.stria.fuzz.*",
                        // Else each class of every library is rewritten when it is loaded.
                        "--custom_hook_includes=io.stria.**",
                        "--reproducer_path=" + directory,
                        "-artifact_prefix=" + directory + "/",
                        "-max_total_time=" + duration.toSeconds(),
                        "-timeout=" + INPUT_SECONDS_MAX,
                        "-print_final_stats=1"));
        Long seed = Long.getLong("stria.seed");
        if (seed != null) {
            command.add("-seed=" + Math.floorMod(seed, 1L << 31));
        }
        command.add(learned.toString());
        Path kept = KeptInputs.directory(target);
        if (kept != null) {
            command.add(kept.toString());
        }
        return command;
    }

    /** Surefire may hide the class path in the manifest of a jar of its own. */
    private static String classPath() {
        return System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path", ""));
    }
}
