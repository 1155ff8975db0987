package io.stria.systemtests.host;

import io.stria.node.supervise.ProcessStat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a process and its descendants are doing, for the message of a test that waits in vain. */
final class ProcessStates {
    private static final int SAMPLES = 3;

    private ProcessStates() {}

    /**
     * A line for each of them: its number, its command, its state (R, S, D, T ... as in {@code
     * /proc/PID/stat}), where it sleeps in the kernel, and its clock ticks so far, user's and
     * kernel's. Two of these a second apart tell who runs and who is stuck.
     */
    static String of(Process root) {
        return Stream.concat(Stream.of(root.toHandle()), root.descendants())
                .map(process -> line(process.pid()))
                .collect(Collectors.joining());
    }

    /**
     * Where a process's children of this name (as in {@code /proc/PID/comm}) are in their code, a
     * few times, so that one that spins is told from one that passed there; needs gdb.
     */
    static String callsOf(Process parent, String name) {
        return parent.children()
                .filter(process -> name(process.pid()).equals(name))
                .flatMap(process -> Collections.nCopies(SAMPLES, process.pid()).stream())
                .map(ProcessStates::calls)
                .collect(Collectors.joining());
    }

    private static String calls(long pid) {
        Result result = Command.run("gdb", "-nx", "-batch", "-p", Long.toString(pid), "-ex", "bt");
        return "calls of %d:%n".formatted(pid)
                + (result.exitCode() == 0 ? frames(result.out()) : result.err());
    }

    private static String frames(String output) {
        return output.lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private static String name(long pid) {
        try {
            return Files.readString(directory(pid).resolve("comm"), StandardCharsets.ISO_8859_1)
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static Path directory(long pid) {
        return Path.of("/proc", Long.toString(pid));
    }

    private static String line(long pid) {
        try {
            ProcessStat stat =
                    ProcessStat.of(pid).orElseThrow(() -> new NoSuchFileException("stat"));
            return "%d %s %s in %s, ticks %s + %s%n"
                    .formatted(
                            pid,
                            stat.command(),
                            stat.field(ProcessStat.STATE),
                            Files.readString(directory(pid).resolve("wchan")),
                            stat.field(ProcessStat.USER_TICKS),
                            stat.field(ProcessStat.SYSTEM_TICKS));
        } catch (IOException e) {
            return pid + " has ended\n";
        }
    }
}
