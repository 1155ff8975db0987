package io.stria.simulator;

/**
 * What a run came to.
 *
 * @param hash of everything that happened: two runs with equal hashes were the same run
 * @param writes that were acknowledged
 * @param reads that returned data
 * @param failures IOs that ended with an error
 * @param faults how often something was done to the cluster
 */
public record Outcome(
        long hash,
        long events,
        long simulatedMs,
        long writes,
        long reads,
        long failures,
        long faults) {
    static final Outcome NOTHING = new Outcome(0, 0, 0, 0, 0, 0, 0);

    private static final long MS = 1_000_000;

    static Outcome of(SimulatedCluster cluster, VolumeHistory history) {
        return new Outcome(
                cluster.simulation().hash(),
                cluster.simulation().eventCount(),
                cluster.simulation().nowNs() / MS,
                history.writes(),
                history.reads(),
                history.failures(),
                cluster.story().faults());
    }

    /** Both together, in any order. */
    Outcome plus(Outcome other) {
        return new Outcome(
                hash + other.hash,
                events + other.events,
                simulatedMs + other.simulatedMs,
                writes + other.writes,
                reads + other.reads,
                failures + other.failures,
                faults + other.faults);
    }
}
