package io.stria.systemtests.host;

import io.stria.node.supervise.ProcessStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a process and its descendants are doing, for the message of a test that waits in vain. */
final class ProcessStates {
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

    private static String line(long pid) {
        try {
            ProcessStat stat =
                    ProcessStat.of(pid).orElseThrow(() -> new NoSuchFileException("stat"));
            return "%d %s %s in %s, ticks %s + %s%n"
                    .formatted(
                            pid,
                            stat.command(),
                            stat.field(ProcessStat.STATE),
                            Files.readString(Path.of("/proc", Long.toString(pid), "wchan")),
                            stat.field(ProcessStat.USER_TICKS),
                            stat.field(ProcessStat.SYSTEM_TICKS));
        } catch (IOException e) {
            return pid + " has ended\n";
        }
    }
}
