package io.stria.node;

import io.stria.control.lease.ScrubReport;
import io.stria.dataplane.volume.ScrubFigures;
import java.util.Collection;
import java.util.List;

/** What owners have counted of their scrubs, as the control plane tells it to others. */
final class ScrubReports {
    private static final long SECOND_NS = 1_000_000_000L;

    private ScrubReports() {}

    /**
     * @param nowNs on the reactor's clock
     */
    static List<ScrubReport> of(Collection<ScrubFigures> scrubs, long nowNs) {
        return scrubs.stream()
                .map(of ->
                        new ScrubReport(
                                of.vuid(),
                                of.epoch(),
                                of.underWay(),
                                of.pagesDone(),
                                of.pages(),
                                of.passes(),
                                of.passes() == 0 ? 0 : (nowNs - of.endedNs()) / SECOND_NS,
                                of.blocks(),
                                of.faults(),
                                of.repaired(),
                                of.strays()))
                .toList();
    }
}
