package io.stria.runtime.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last lines of a trace that may be far longer. */
final class TraceRing {
    private final @Nullable String[] lines;
    private long count;

    TraceRing(int capacity) {
        this.lines = new String[capacity];
    }

    void add(String line) {
        lines[(int) (count++ % lines.length)] = line;
    }

    List<String> lines() {
        List<String> result = new ArrayList<>();
        for (long i = Math.max(0, count - lines.length); i < count; i++) {
            String line = lines[(int) (i % lines.length)];
            if (line != null) {
                result.add(line);
            }
        }
        return result;
    }
}
