package io.stria.node.supervise;

import io.stria.control.lease.LeaseConfig;
import java.util.function.BooleanSupplier;

/**
 * Judges whether a reactor stands still although hosts wait for it. It does when its heartbeat has
 * not moved for most of a lease, and the lease that it knows of ended so long ago that the others
 * take its volumes if its process stands still as a whole; if only the reactor does, a second
 * later. Long before that it says whether a signal has stopped the process. Used by one thread,
 * which looks every {@link #LOOK_NS}.
 */
final class Standstill {
    static final long LOOK_NS = 100_000_000L;

    /** Whoever looks so late stood still himself, and so may the node have, by the same cause. */
    private static final long LATE_NS = 4 * LOOK_NS;

    /** Most of the time in which nobody renews leases, if it leads, is for an election. */
    private static final long STOPPED_NS = 4 * LOOK_NS;

    private final long standsNs;
    private final long graceNs;
    private long lookedNs;
    private long beatNs;
    private long seenNs;
    private boolean said;
    private boolean stopSaid;

    Standstill(LeaseConfig lease) {
        standsNs = lease.leaseNs() * 3 / 4;
        graceNs = lease.graceNs();
    }

    /**
     * True once for each standstill, when it is one.
     *
     * @param nowNs on the clock of the other two
     * @param newBeatNs the reactor's last heartbeat; 0: there is none to be watched
     * @param leaseUntilNs read after it; 0: the reactor has no lease
     */
    boolean look(long nowNs, long newBeatNs, long leaseUntilNs) {
        boolean late = nowNs - lookedNs > LATE_NS;
        lookedNs = nowNs;
        if (newBeatNs != beatNs) {
            beatNs = newBeatNs;
            said = false;
            stopSaid = false;
            seenNs = nowNs;
        } else if (late) {
            seenNs = nowNs;
        }
        boolean serves = beatNs == 0 || leaseUntilNs == 0 || nowNs - leaseUntilNs < graceNs;
        if (said || serves || nowNs - seenNs < standsNs) {
            return false;
        }
        said = true;
        return true;
    }

    /**
     * True once for each standstill, when the process was stopped by whom it may be: whoever only
     * has no time, or waits for a disk, may well go on at once. After each {@link #look}.
     *
     * @param isStopped asked only if the heartbeat has not moved
     */
    boolean isStop(BooleanSupplier isStopped) {
        boolean stands = beatNs != 0 && lookedNs - seenNs >= STOPPED_NS;
        if (stopSaid || !stands || !isStopped.getAsBoolean()) {
            return false;
        }
        stopSaid = true;
        return true;
    }
}
