package io.stria.control.consensus;

import java.util.HashMap;
import java.util.Map;

/**
 * Sees to it that connections to a voter begin anew one after the other. What Ratis sends entries
 * with follows each reset on a thread of its own, and asks the newest connection for its state: if
 * another reset has closed that by then, it gives up, and the voter gets no entries until the term
 * ends. For the control thread.
 */
final class Reconnections {
    /** Much longer than Ratis takes to follow. */
    static final long GAP_NS = 1_000_000_000L;

    private final Map<Integer, Last> lastOf = new HashMap<>();

    /**
     * @param nowNs of a clock that goes on
     * @param reset runs on a thread of its own
     * @return false if nothing was done, since another one is under way, or was just now
     */
    boolean start(int nodeId, long nowNs, Runnable reset) {
        Last last = lastOf.get(nodeId);
        if (last != null && last.thread().isAlive()) {
            lastOf.put(nodeId, new Last(last.thread(), nowNs));
            return false;
        }
        if (last != null && nowNs - last.seenNs() < GAP_NS) {
            return false;
        }
        Thread thread = Thread.ofVirtual().name("stria-reconnect-" + nodeId).start(reset);
        lastOf.put(nodeId, new Last(thread, nowNs));
        return true;
    }

    /**
     * @param seenNs when it was started, or seen under way
     */
    private record Last(Thread thread, long seenNs) {}
}
