package io.stria.runtime.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The last lines of a trace that may be far longer. */
final class TraceRing {
    private final long[] timesNs;
    private final @Nullable String[] lines;
    private long count;

    TraceRing(int capacity) {
        this.timesNs = new long[capacity];
        this.lines = new String[capacity];
    }

    void add(long timeNs, String line) {
        int index = (int) (count++ % lines.length);
        timesNs[index] = timeNs;
        lines[index] = line;
    }

    List<String> lines() {
        List<String> result = new ArrayList<>();
        for (long i = Math.max(0, count - lines.length); i < count; i++) {
            int index = (int) (i % lines.length);
            result.add(
                    String.format(
                            Locale.ROOT, "%,15d us  %s", timesNs[index] / 1000, lines[index]));
        }
        return result;
    }
}
