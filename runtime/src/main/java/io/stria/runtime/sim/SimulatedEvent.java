package io.stria.runtime.sim;

/** Something that happens at one moment of simulated time. Waits in at most one queue at a time. */
abstract class SimulatedEvent {
    static final int NOT_QUEUED = -1;

    long dueNs;
    long order;
    int heapIndex = NOT_QUEUED;

    abstract void happen();

    final boolean isQueued() {
        return heapIndex != NOT_QUEUED;
    }

    /**
     * Events due at one moment are ordered by {@link #order}, which the simulation's seed draws.
     */
    final boolean isBefore(SimulatedEvent other) {
        return dueNs < other.dueNs || (dueNs == other.dueNs && order < other.order);
    }
}
