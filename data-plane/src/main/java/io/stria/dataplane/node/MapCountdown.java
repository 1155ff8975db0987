package io.stria.dataplane.node;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A map that stores still have to apply. It does not wait for a device that hangs: no owner hears
 * of that device's store before its older commands have ended, since attaching waits for them, too.
 * Owned by the node's reactor.
 */
final class MapCountdown {
    private static final System.Logger LOG = System.getLogger(MapCountdown.class.getName());

    /** Half of a lease: it goes on if this node applies the map before it ends. */
    private static final long PATIENCE_NS = 1_000_000_000L;

    private final Runnable action;
    private final long epoch;
    private final long deadlineNs;
    private final List<UUID> expected = new ArrayList<>();
    private boolean closed;
    private boolean over;

    /**
     * @param action runs once, when all stores have applied the map or time is up
     */
    MapCountdown(Runnable action, long epoch, long nowNs) {
        this.action = action;
        this.epoch = epoch;
        this.deadlineNs = nowNs + PATIENCE_NS;
    }

    /** The device's store has something to apply; what is returned runs when it has. */
    Runnable expect(UUID device) {
        expected.add(device);
        return () -> {
            expected.remove(device);
            endIfDone();
        };
    }

    /** All that is expected is known. */
    void close() {
        closed = true;
        endIfDone();
    }

    private void endIfDone() {
        if (closed && expected.isEmpty() && !over) {
            end();
        }
    }

    private void end() {
        over = true;
        action.run();
    }

    long deadlineNs() {
        return deadlineNs;
    }

    /** Whether it has ended; does so when time is up. */
    boolean isOver(long nowNs) {
        if (!over && nowNs - deadlineNs >= 0) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "devices {0} do not finish their commands: map epoch {1} is applied"
                            + " without them",
                    List.copyOf(new TreeSet<>(expected)),
                    epoch);
            end();
        }
        return over;
    }
}
