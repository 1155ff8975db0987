package io.stria.perf.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Other programs. */
final class Processes {
    private static final long LIMIT_S = 300;

    private Processes() {}

    /** What it wrote to standard output; its errors go where ours go. */
    static String run(List<String> command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }

    /** Beside what this thread does, until it ends by itself. */
    static Process start(List<String> command, Path log) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** On CPUs such as {@code 0} or {@code 0,1}. */
    static List<String> onCpus(String cpus, List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", cpus));
        pinned.addAll(command);
        return pinned;
    }

    /** Moves all threads of a process that runs. */
    static void moveTo(String cpus, long pid) throws IOException, InterruptedException {
        run(List.of("taskset", "-acp", cpus, String.valueOf(pid)));
    }

    static void signal(long pid, String name) throws IOException, InterruptedException {
        run(List.of("kill", "-" + name, String.valueOf(pid)));
    }

    static boolean isInstalled(String program) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    /** First group of the first match. */
    static String find(String text, String pattern) throws IOException {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new IOException("'%s' is not in: %s".formatted(pattern, text));
        }
        return matcher.group(1);
    }
}
