package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;

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
}
