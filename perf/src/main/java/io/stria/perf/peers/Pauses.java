package io.stria.perf.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pauses of all threads of a JVM, by what they were for, from its own log of safepoints. */
final class Pauses {
    private static final Pattern LINE =
            Pattern.compile("Safepoint \"([^\"]+)\".*Total: +(\\d+) ns");
    private static final double NS_PER_MS = 1e6;

    private final Map<String, long[]> countAndLongestNs = new TreeMap<>();
    private long count;
    private long longestNs;
    private long totalNs;

    /** What {@code -Xlog:safepoint} has written. */
    static Pauses of(Path log) throws IOException {
        Pauses pauses = new Pauses();
        for (String line : Files.readAllLines(log)) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.find()) {
                pauses.add(matcher.group(1), Long.parseLong(matcher.group(2)));
            }
        }
        return pauses;
    }

    private void add(String what, long ns) {
        long[] known = countAndLongestNs.computeIfAbsent(what, key -> new long[2]);
        known[0]++;
        known[1] = Math.max(known[1], ns);
        count++;
        longestNs = Math.max(longestNs, ns);
        totalNs += ns;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%d pauses of the JVM, the longest %.2f ms, %.1f ms together",
                        count,
                        longestNs / NS_PER_MS,
                        totalNs / NS_PER_MS));
        countAndLongestNs.forEach((what, known) ->
                text.append(
                        String.format(
                                Locale.ROOT,
                                "%n  %-36s %6d, the longest %8.2f ms",
                                what,
                                known[0],
                                known[1] / NS_PER_MS)));
        return text.toString();
    }

    String json() {
        return "{%s,%s,%s}"
                .formatted(
                        Windows.field("count", count),
                        Windows.field("longestMs", longestNs / NS_PER_MS),
                        Windows.field("totalMs", totalNs / NS_PER_MS));
    }
}
