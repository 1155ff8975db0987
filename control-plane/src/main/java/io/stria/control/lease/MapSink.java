package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import java.util.List;

/** Where a node's maps go: its reactors. Called by the control thread. */
public interface MapSink {
    /**
     * @param map newer than every one before; epochs may be left out
     * @param applied to be run, on any thread, when every reactor has confirmed the map and
     *     commands accepted under older ones are durable or dropped; the next map comes only after
     *     that
     */
    void apply(ClusterMap map, Runnable applied);

    /**
     * Every node has applied this epoch or has lost its lease: stores refuse commands of older
     * volume epochs from now on, so owners of this epoch may begin. May come before the map.
     */
    void inForce(long epoch);

    /**
     * The owner of this volume, which this node presents too, does not reach as many stores as
     * writes need. If they are reached from here, the volume may be asked for with {@link
     * io.stria.control.decisions.Decision.TakeVolume}. Comes again while it is so.
     */
    default void wanted(int vuid, int volumeEpoch) {}

    /**
     * Somebody asks for a scrub of this volume, which was served here at this epoch a moment ago;
     * nothing comes of it if it is not any more.
     */
    default void scrub(int vuid, int volumeEpoch) {}

    /** Of the volumes owned here; as last looked at, a moment ago. */
    default List<ScrubReport> scrubs() {
        return List.of();
    }
}
