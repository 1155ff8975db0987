package io.stria.perf.flame;

import java.util.Collection;
import java.util.TreeMap;

/** A method, as called from those before it, with the samples that have seen it there. */
final class Flame {
    final String name;
    private final TreeMap<String, Flame> callees = new TreeMap<>();
    private long samples;

    Flame(String name) {
        this.name = name;
    }

    /** One more sample; returns this method's part in it. */
    Flame hit() {
        samples++;
        return this;
    }

    Flame callee(String method) {
        return callees.computeIfAbsent(method, Flame::new);
    }

    Collection<Flame> callees() {
        return callees.values();
    }

    long samples() {
        return samples;
    }

    /** Levels of calls, this one included. */
    int height() {
        return 1 + callees().stream().mapToInt(Flame::height).max().orElse(0);
    }
}
