package io.stria.simulator;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a run came to.
 *
 * @param hash of everything that happened: two runs with equal hashes were the same run
 * @param writes that were acknowledged
 * @param reads that returned data
 * @param failures IOs that ended with an error
 * @param faults how often something was done to the cluster
 * @param met how often each was met; what is not there never was
 */
public record Outcome(
        long hash,
        long events,
        long simulatedMs,
        long writes,
        long reads,
        long failures,
        long faults,
        Map<Hardship, Long> met) {
    static final Outcome NOTHING = new Outcome(0, 0, 0, 0, 0, 0, 0, Map.of());

    private static final long MS = 1_000_000;

    public Outcome {
        Map<Hardship, Long> copy = new EnumMap<>(Hardship.class);
        copy.putAll(met);
        copy.values().removeIf(times -> times == 0);
        met = Collections.unmodifiableMap(copy);
    }

    static Outcome of(SimulatedCluster cluster, VolumeHistory history) {
        Map<Hardship, Long> met = new EnumMap<>(Hardship.class);
        met.putAll(cluster.story().met());
        met.put(Hardship.NO_ROOM, history.refusals());
        met.put(Hardship.FAILED_IO, history.failures());
        met.put(Hardship.GIVEN_UP_IO, history.givenUp());
        return new Outcome(
                cluster.simulation().hash(),
                cluster.simulation().eventCount(),
                cluster.simulation().nowNs() / MS,
                history.writes(),
                history.reads(),
                history.failures(),
                cluster.story().faults(),
                met);
    }

    /** Both together, in any order. */
    Outcome plus(Outcome other) {
        Map<Hardship, Long> both = new EnumMap<>(Hardship.class);
        both.putAll(met);
        other.met.forEach((hardship, times) -> both.merge(hardship, times, Long::sum));
        return new Outcome(
                hash + other.hash,
                events + other.events,
                simulatedMs + other.simulatedMs,
                writes + other.writes,
                reads + other.reads,
                failures + other.failures,
                faults + other.faults,
                both);
    }
}
