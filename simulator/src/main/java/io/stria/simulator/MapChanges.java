package io.stria.simulator;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.VolumeEntry;

/** Tells what a new map changed. */
final class MapChanges {
    private MapChanges() {}

    static void tell(ClusterMap before, ClusterMap after, Story story) {
        StringBuilder line = new StringBuilder("map " + after.epoch());
        for (NodeEntry node : after.nodes()) {
            NodeEntry old = before.node(node.id()).orElse(null);
            if (old == null || old.state() != node.state()) {
                line.append(", node ").append(node.id()).append(' ').append(node.state());
            } else if (old.incarnation() != node.incarnation()) {
                line.append(", node ").append(node.id()).append(" anew");
            }
        }
        for (VolumeEntry volume : after.volumes()) {
            VolumeEntry old = before.volume(volume.vuid()).orElse(null);
            if (old == null || old.epoch() != volume.epoch()) {
                line.append(", owner ")
                        .append(volume.owner())
                        .append(" at epoch ")
                        .append(volume.epoch());
            }
            if (old == null || !old.behind().equals(volume.behind())) {
                line.append(", behind ").append(volume.behind());
            }
        }
        story.tell(line.toString());
    }
}
