package io.stria.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Processor time that processes have taken until now, by kind of thread: those of one pool, and of
 * one kind in all processes, are one. Reads /proc alone.
 *
 * @param seconds by a kind's name, as the kernel cuts it
 */
record NodeThreads(Map<String, Double> seconds) {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux
    private static final int KINDS_TOLD = 7;

    static NodeThreads of(Collection<Long> pids) throws IOException {
        Map<String, Double> seconds = new TreeMap<>();
        for (long pid : pids) {
            try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
                tasks.forEach(task -> add(task, seconds));
            }
        }
        return new NodeThreads(seconds);
    }

    private static void add(Path task, Map<String, Double> seconds) {
        String stat;
        try {
            stat = Files.readString(task.resolve("stat"));
        } catch (IOException e) {
            return; // has just ended
        }
        // pid (name) state ppid ...: utime and stime are the 14th and 15th field.
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        List<String> rest = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        double spent = Long.parseLong(rest.get(11)) + Long.parseLong(rest.get(12));
        seconds.merge(name.replaceAll("[-#]?\\d+", ""), spent / TICKS_PER_SECOND, Double::sum);
    }

    /** What was taken since then: of all, and of the kinds that took most. */
    String since(NodeThreads before) {
        Map<String, Double> taken = new TreeMap<>(seconds);
        taken.replaceAll((kind, all) -> all - before.seconds.getOrDefault(kind, 0.0));
        double whole = taken.values().stream().mapToDouble(Double::doubleValue).sum();
        return taken.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder()))
                .limit(KINDS_TOLD)
                .map(kind ->
                        String.format(Locale.ROOT, ", %s %.1f", kind.getKey(), kind.getValue()))
                .collect(Collectors.joining("", String.format(Locale.ROOT, "%.1f", whole), ""));
    }
}
