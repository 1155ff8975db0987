package io.stria.control;

import io.stria.clustermap.ClusterMap;
import io.stria.control.lease.MapSink;
import io.stria.control.lease.ScrubReport;
import java.util.List;

/** Wakes the control thread when a map has been applied, so that the leader hears of it at once. */
record WakingSink(MapSink sink, ControlLoop loop) implements MapSink {
    @Override
    public void apply(ClusterMap map, Runnable applied) {
        sink.apply(
                map,
                () -> {
                    applied.run();
                    loop.wake();
                });
    }

    @Override
    public void inForce(long epoch) {
        sink.inForce(epoch);
    }

    @Override
    public void wanted(int vuid, int volumeEpoch) {
        sink.wanted(vuid, volumeEpoch);
    }

    @Override
    public void scrub(int vuid, int volumeEpoch) {
        sink.scrub(vuid, volumeEpoch);
    }

    @Override
    public List<ScrubReport> scrubs() {
        return sink.scrubs();
    }
}
