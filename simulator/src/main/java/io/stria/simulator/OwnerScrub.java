package io.stria.simulator;

import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.volume.ScrubFigures;

/** A pass of the owner's own scrub over all of the volume, as an operator asks for one. */
final class OwnerScrub {
    private static final long STEP_MS = 50;
    private static final long MS = 1_000_000;

    private final SimulatedCluster cluster;

    /** The owner that was asked for a pass. */
    private int asked;

    /** That it had ended before. */
    private long passesBefore;

    OwnerScrub(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    /** Asks, each new owner again, until a pass that has begun since has come to its end. */
    void run(long limitMs) {
        long untilNs = cluster.simulation().nowNs() + limitMs * MS;
        while (!hasEnded()) {
            if (cluster.simulation().nowNs() > untilNs) {
                throw new AssertionError(
                        "not within %d ms: the end of the owner's scrub\n%s"
                                .formatted(limitMs, cluster.describe()));
            }
            cluster.runFor(STEP_MS);
        }
    }

    private boolean hasEnded() {
        VolumeEntry volume = cluster.volume();
        NodeProcess process = cluster.owner().processOrNull();
        ScrubFigures figures = process == null ? ScrubFigures.NONE : process.scrubs();
        if (process == null || figures.epoch() != volume.epoch()) {
            return false;
        }
        if (asked != figures.epoch() && !figures.underWay()) {
            asked = figures.epoch();
            passesBefore = figures.passes();
            process.scrubNow(volume);
        }
        return asked == figures.epoch() && figures.passes() > passesBefore;
    }
}
