package io.stria.systemtests.host;

import io.stria.node.supervise.ProcessStat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Whether others use the machine's cores: what is measured meanwhile says less about what is
 * tested. Others are all processes but this JVM, what it has started and what it names, and the
 * machines that share the hardware with this one.
 */
public final class OthersOnCores {
    /** Share from which on what we needed took its time: others wanted the cores as much as we. */
    public static final double MUCH = 0.5;

    /** Threads that want a core, for each core, from which on a machine is not our own. */
    private static final double CROWDED = 2.0;

    private static final int LOOKS = 25;
    private static final int LOOK_MS = 20;

    /** Fields of {@code cpu} in {@code /proc/stat}, see proc(5), in clock ticks. */
    private static final int USER = 1;

    private static final int NICE = 2;
    private static final int SYSTEM = 3;
    private static final int STEAL = 8;

    /** Clock ticks of a process's children that have ended; as in {@code /proc/PID/stat}. */
    private static final int CHILDREN_USER_TICKS = 16;

    private static final int CHILDREN_SYSTEM_TICKS = 17;

    private final Supplier<Set<Long>> own;
    private final Ticks start;

    private OthersOnCores(Supplier<Set<Long>> own) {
        this.own = own;
        this.start = Ticks.now(own.get());
    }

    /**
     * From now on.
     *
     * @param own process ids, at any time, of what does not descend from this JVM; parents that see
     *     to their children's ends among them
     */
    public static OthersOnCores from(Supplier<Set<Long>> own) {
        return new OthersOnCores(own);
    }

    /** Share of all cores' time that others had since then, 0 to 1. */
    public double share() {
        Ticks end = Ticks.now(own.get());
        double others = (end.busy - start.busy) - (end.own - start.own);
        return Math.clamp(others / Math.max(1, end.all - start.all), 0, 1);
    }

    /**
     * Whether others want the cores now, judged while host and cluster have nothing to do: the
     * average of a minute would count what they themselves did before.
     */
    public static boolean wantThem() {
        long wanting = 0;
        for (int look = 0; look < LOOKS; look++) {
            wanting += wantingACore() - 1; // this thread aside
            LockSupport.parkNanos(LOOK_MS * 1_000_000L);
        }
        return wanting >= LOOKS * CROWDED * Runtime.getRuntime().availableProcessors();
    }

    /** Threads of the whole machine: {@code 0.20 0.18 0.12 3/80 11206} has 3. */
    private static int wantingACore() {
        String threads = read("/proc/loadavg").split(" ")[3];
        return Integer.parseInt(threads.substring(0, threads.indexOf('/')));
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Clock ticks of all cores since boot.
     *
     * @param all idle ones too
     * @param busy those in which a process ran, of any machine on this hardware
     * @param own those of our processes
     */
    private record Ticks(long all, long busy, long own) {
        static Ticks now(Set<Long> named) {
            Set<Long> pids = new HashSet<>(named);
            Stream.concat(Stream.of(ProcessHandle.current()), ProcessHandle.current().descendants())
                    .forEach(process -> pids.add(process.pid()));
            long own = pids.stream().mapToLong(Ticks::of).sum();
            long[] cpu = cpu();
            return new Ticks(
                    Arrays.stream(cpu, USER, STEAL + 1).sum(),
                    cpu[USER] + cpu[NICE] + cpu[SYSTEM] + cpu[STEAL],
                    own);
        }

        /**
         * Those of children that have ended included, as they are in none of their own any more.
         */
        private static long of(long pid) {
            return ProcessStat.of(pid)
                    .map(stat ->
                            Stream.of(
                                            ProcessStat.USER_TICKS,
                                            ProcessStat.SYSTEM_TICKS,
                                            CHILDREN_USER_TICKS,
                                            CHILDREN_SYSTEM_TICKS)
                                    .mapToLong(field -> Long.parseLong(stat.field(field)))
                                    .sum())
                    .orElse(0L);
        }

        /** {@code cpu 305 39 714 105 259 0 24 31 0 0}, at the indexes of its fields. */
        private static long[] cpu() {
            String line = read("/proc/stat").lines().findFirst().orElseThrow();
            return Arrays.stream(line.split(" +"))
                    .mapToLong(word -> word.equals("cpu") ? 0 : Long.parseLong(word))
                    .toArray();
        }
    }
}
