package io.stria.node.supervise;

import java.io.IOException;
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
    /** Of a process that lives, also as a zombie. */
    public static Optional<ProcessId> of(long pid) {
        return ProcessStat.of(pid).map(stat -> new ProcessId(pid, startTicks(stat), bootId()));
    }

    public static ProcessId current() {
        return of(ProcessHandle.current().pid())
                .orElseThrow(() -> new IllegalStateException("/proc is not there"));
    }

    /** Whether it runs; a zombie does not. */
    public boolean isAlive() {
        return ProcessStat.of(pid)
                .filter(stat -> startTicks(stat) == startTicks)
                .filter(stat -> !stat.field(ProcessStat.STATE).equals("Z"))
                .filter(_ -> boot.equals(bootId()))
                .isPresent();
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

    private static long startTicks(ProcessStat stat) {
        return Long.parseLong(stat.field(ProcessStat.START_TICKS));
    }

    private static String bootId() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
