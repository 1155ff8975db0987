package io.stria.dataplane.volume;

import java.util.Locale;
import java.util.StringJoiner;

/** How long a movement has spent with what, for people. What goes on at a time counts twice. */
final class MovementTimes {
    private final long beganNs;
    private final long[] tookNs = new long[MovementWindow.State.values().length];
    private int windows;

    MovementTimes(long nowNs) {
        beganNs = nowNs;
    }

    void add(MovementWindow.State state, long ns) {
        tookNs[state.ordinal()] += ns;
        windows += state == MovementWindow.State.LISTING ? 1 : 0;
    }

    String until(long nowNs) {
        StringJoiner parts = new StringJoiner(", ");
        parts.add("%.2f s in %d windows".formatted(seconds(nowNs - beganNs), windows));
        for (MovementWindow.State state : MovementWindow.State.values()) {
            if (state != MovementWindow.State.IDLE) {
                String name = state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
                parts.add("%s %.2f".formatted(name, seconds(tookNs[state.ordinal()])));
            }
        }
        return parts.toString();
    }

    private static double seconds(long ns) {
        return ns / 1e9;
    }
}
