package io.stria.dataplane.node;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.BlockDevice;

/**
 * Hears which volumes this node presents to hosts, on the reactor: the target's side of the seam.
 */
public interface VolumeListener {
    /** The node is one of the volume's paths from now on. */
    void onVolume(VolumeEntry volume, BlockDevice device);

    /** Whether IO is served here: the path is optimized, or inaccessible. */
    void onServing(VolumeEntry volume, boolean serving);

    /** The volume is gone, or no longer presented here. */
    void onVolumeGone(VolumeEntry volume);

    /** A new map is in place; calls about its volumes came before. */
    void onMap(ClusterMap map);
}
