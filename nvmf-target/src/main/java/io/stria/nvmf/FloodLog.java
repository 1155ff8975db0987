package io.stria.nvmf;

import io.stria.runtime.LogLimiter;
import java.lang.System.Logger.Level;

/**
 * Says once when a target has as many connections as it may have, and once when there is room
 * again: what happens to single ones in between is lost among the lines that are left out of a log.
 */
final class FloodLog {
    private static final String KIND = "the limit of connections was reached or left";

    private final LogLimiter log;
    private final TargetCounters counters;
    private final int connectionsMax;
    private boolean full;
    private long displacedBefore;
    private long refusedBefore;

    FloodLog(LogLimiter log, TargetCounters counters, int connectionsMax) {
        this.log = log;
        this.counters = counters;
        this.connectionsMax = connectionsMax;
    }

    /** There are so many now. */
    void onConnections(int count) {
        if (!full && count >= connectionsMax) {
            full = true;
            displacedBefore = counters.displaced();
            refusedBefore = counters.refused();
            log.log(
                    Level.WARNING,
                    KIND,
                    "%d connections, which is all that there may be: each new one displaces one that is no queue, or is refused"
                            .formatted(count));
        } else if (full && count <= connectionsMax - connectionsMax / 4) {
            full = false;
            log.log(
                    Level.WARNING,
                    KIND,
                    "room for connections again, there are %d; meanwhile %d were displaced and %d refused"
                            .formatted(
                                    count,
                                    counters.displaced() - displacedBefore,
                                    counters.refused() - refusedBefore));
        }
    }
}
