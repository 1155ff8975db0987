import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prints what a running cluster costs: each node's share of one core, each kind of thread's, and each
 * node's memory, over a window of time. {@code java bin/IdleShare.java [DIR [SECONDS]]}; default:
 * {@code .stria} and 60. For an idle share, wait three minutes after the start: JVMs compile until
 * then. Reads /proc alone, and needs nothing but a JDK.
 */
final class IdleShare {
    private static final Pattern PID = Pattern.compile("\"pid\"\\s*:\\s*(\\d+)");
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux
    private static final int THREADS_SHOWN = 14;

    private record ThreadKey(int node, String task, String name) {}

    private IdleShare() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Path.of(arguments.length > 0 ? arguments[0] : ".stria");
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
        Map<Integer, Long> nodes = nodes(directory);
        if (nodes.isEmpty()) {
            System.err.println(directory + " has no running nodes.");
            System.exit(1);
        }
        long startNs = System.nanoTime();
        Map<ThreadKey, Long> before = threads(nodes);
        Thread.sleep(seconds * 1000L);
        Map<ThreadKey, Long> after = threads(nodes);
        print(nodes, before, after, (System.nanoTime() - startNs) / 1e9);
    }

    private static Map<Integer, Long> nodes(Path directory) throws IOException {
        Map<Integer, Long> nodes = new TreeMap<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "node-*")) {
            for (Path node : found) {
                Path file = node.resolve("pid.json");
                Matcher pid = PID.matcher(Files.exists(file) ? Files.readString(file) : "");
                if (pid.find() && Files.exists(Path.of("/proc", pid.group(1), "task"))) {
                    String id = node.getFileName().toString().substring("node-".length());
                    nodes.put(Integer.valueOf(id), Long.valueOf(pid.group(1)));
                }
            }
        }
        return nodes;
    }

    private static Map<ThreadKey, Long> threads(Map<Integer, Long> nodes) throws IOException {
        Map<ThreadKey, Long> ticks = new HashMap<>();
        for (Map.Entry<Integer, Long> node : nodes.entrySet()) {
            Path tasks = Path.of("/proc", node.getValue().toString(), "task");
            try (DirectoryStream<Path> found = Files.newDirectoryStream(tasks)) {
                for (Path task : found) {
                    addThread(ticks, node.getKey(), task);
                }
            }
        }
        return ticks;
    }

    private static void addThread(Map<ThreadKey, Long> ticks, int node, Path task) {
        String stat;
        try {
            stat = Files.readString(task.resolve("stat"));
        } catch (IOException e) {
            return; // has just ended
        }
        // pid (name) state ppid ...: utime and stime are the 14th and 15th field.
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long spent = Long.parseLong(rest[11]) + Long.parseLong(rest[12]);
        ticks.put(new ThreadKey(node, task.getFileName().toString(), name), spent);
    }

    private static void print(
            Map<Integer, Long> nodes,
            Map<ThreadKey, Long> before,
            Map<ThreadKey, Long> after,
            double seconds)
            throws IOException {
        Map<Integer, Double> ofNode = new TreeMap<>();
        Map<String, Double> ofName = new HashMap<>();
        double total = 0;
        for (Map.Entry<ThreadKey, Long> thread : after.entrySet()) {
            long ticks = thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
            double percent = 100 * ticks / TICKS_PER_SECOND / seconds;
            ofNode.merge(thread.getKey().node(), percent, Double::sum);
            ofName.merge(kind(thread.getKey().name()), percent, Double::sum);
            total += percent;
        }
        for (Map.Entry<Integer, Double> node : ofNode.entrySet()) {
            System.out.printf(
                    Locale.ROOT,
                    "node %d  %5.2f %%  %4d MiB%n",
                    node.getKey(),
                    node.getValue(),
                    residentMib(nodes.get(node.getKey())));
        }
        System.out.printf(
                Locale.ROOT, "all     %5.2f %% of one core in %.0f s%n%n", total, seconds);
        List<Map.Entry<String, Double>> byShare =
                ofName.entrySet().stream()
                        .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder()))
                        .limit(THREADS_SHOWN)
                        .toList();
        for (Map.Entry<String, Double> name : byShare) {
            System.out.printf(Locale.ROOT, "%-16s %5.2f %%%n", name.getKey(), name.getValue());
        }
    }

    /** Threads of one pool, and of one kind on all nodes, are one line. */
    private static String kind(String name) {
        return name.replaceAll("[-#]?\\d+", "");
    }

    private static long residentMib(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return 0;
    }
}
