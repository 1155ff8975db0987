package io.stria.simulator;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Placing;
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
        for (DeviceSlot slot : after.slots()) {
            boolean known = slot.slot() < before.slots().size();
            DeviceState old = known ? before.slot(slot.slot()).state() : null;
            if (old != slot.state() && isLeaving(slot.state())) {
                line.append(", slot ").append(slot.slot()).append(' ').append(slot.state());
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
            if (old == null || !old.paths().equals(volume.paths())) {
                line.append(", paths ").append(volume.paths());
            }
            if (old == null || !old.behind().equals(volume.behind())) {
                line.append(", behind ").append(volume.behind());
            }
            if (old != null && !old.placing().equals(volume.placing())) {
                line.append(", ").append(told(volume.placing()));
                if (volume.placing().isMoving()
                        && volume.placing().since() != old.placing().since()) {
                    story.met(Hardship.MOVEMENT);
                }
            }
        }
        story.tell(line.toString());
    }

    private static boolean isLeaving(DeviceState state) {
        return switch (state) {
            case FAILED, DRAINING, REMOVED -> true;
            case ONLINE, UNAVAILABLE, SYNCING -> false;
        };
    }

    private static String told(Placing placing) {
        return placing.isMoving()
                ? "page %d on its way to %d slots without %s, missed %s"
                        .formatted(
                                placing.cursor(),
                                placing.to().slots(),
                                placing.to().removed(),
                                placing.missed())
                : "all pages arrived, missed " + placing.missed();
    }
}
