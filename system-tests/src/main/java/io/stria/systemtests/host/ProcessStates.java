package io.stria.systemtests.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a process and its descendants are doing, for the message of a test that waits in vain. */
final class ProcessStates {
    private static final int STATE = 0;
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
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
        Path directory = directory(pid);
        try {
            String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
            // The command, in brackets, may itself hold spaces and brackets.
            int end = stat.lastIndexOf(')');
            String[] fields = stat.substring(end + 2).split(" ", -1);
            return "%d %s %s in %s, ticks %s + %s%n"
                    .formatted(
                            pid,
                            stat.substring(stat.indexOf('('), end + 1),
                            fields[STATE],
                            Files.readString(directory.resolve("wchan")),
                            fields[USER_TICKS],
                            fields[SYSTEM_TICKS]);
        } catch (IOException e) {
            return pid + " has ended\n";
        }
    }
}
