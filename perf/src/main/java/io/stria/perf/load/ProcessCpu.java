package io.stria.perf.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time of a process or a thread, user and system; from {@code /proc}. */
public final class ProcessCpu {
    private static final double US_PER_TICK = 10_000;

    private ProcessCpu() {}

    /** Microseconds so far, all threads; NaN for process 0. */
    public static double us(long pid) {
        return pid == 0 ? Double.NaN : ofStat(Path.of("/proc/" + pid + "/stat"));
    }

    /**
     * Of one thread of a process, by its name.
     *
     * @throws IOException if it has none of that name
     */
    public static double us(long pid, String thread) throws IOException {
        try (DirectoryStream<Path> tasks =
                Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks) {
                if (Files.readString(task.resolve("comm")).strip().equals(thread)) {
                    return ofStat(task.resolve("stat"));
                }
            }
        }
        throw new IOException("process %d has no thread %s".formatted(pid, thread));
    }

    /** Of the calling thread. */
    static double ownThreadUs() {
        return ofStat(Path.of("/proc/thread-self/stat"));
    }

    private static double ofStat(Path file) {
        try {
            String stat = Files.readString(file);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * US_PER_TICK;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
