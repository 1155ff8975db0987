package io.stria.node.supervise;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process for certain: its number may be given to another one, but not with the same start time
 * since the same boot.
 *
 * @param startTicks clock ticks between boot and its start
 */
public record ProcessId(long pid, long startTicks, String boot) {
    private static final int START_TIME = 22;
    private static final int STATE = 3;

    /** Of a process that lives, also as a zombie. */
    public static Optional<ProcessId> of(long pid) {
        String[] stat = stat(pid);
        return stat.length == 0
                ? Optional.empty()
                : Optional.of(
                        new ProcessId(pid, Long.parseLong(field(stat, START_TIME)), bootId()));
    }

    public static ProcessId current() {
        return of(ProcessHandle.current().pid())
                .orElseThrow(() -> new IllegalStateException("/proc is not there"));
    }

    /** Whether it runs; a zombie does not. */
    public boolean isAlive() {
        String[] stat = stat(pid);
        return stat.length != 0
                && Long.parseLong(field(stat, START_TIME)) == startTicks
                && !field(stat, STATE).equals("Z")
                && boot.equals(bootId());
    }

    /** Sends SIGTERM, or SIGKILL, if it still is the one that was meant. */
    public void end(boolean forcibly) {
        if (isAlive()) {
            ProcessHandle.of(pid)
                    .ifPresent(handle -> {
                        if (forcibly) {
                            handle.destroyForcibly();
                        } else {
                            handle.destroy();
                        }
                    });
        }
    }

    /** Fields of /proc/PID/stat from the third on: the second may contain anything. */
    private static String[] stat(long pid) {
        try {
            String line =
                    Files.readString(
                            Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return line.substring(line.lastIndexOf(')') + 2).split(" ");
        } catch (IOException e) {
            return new String[0];
        }
    }

    private static String field(String[] fromThird, int number) {
        return fromThird[number - 3];
    }

    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
