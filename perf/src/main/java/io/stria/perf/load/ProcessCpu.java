package io.stria.perf.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time of a process, user and system, all its threads; from {@code /proc}. */
final class ProcessCpu {
    private static final double US_PER_TICK = 10_000;

    private ProcessCpu() {}

    /** Microseconds so far; NaN for process 0. */
    static double us(long pid) {
        return pid == 0 ? Double.NaN : ofStat(Path.of("/proc/" + pid + "/stat"));
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
