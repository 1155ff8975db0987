package io.stria.simulator;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Looks at how slots come off the list of those that are behind (rule 9 of docs/correctness.md):
 * only when the volume's owner has said so of the very mark that goes, and a node that has come or
 * gone has all its marks renewed. A slot that is called in sync wrongly need not lose anything yet:
 * the next owner compares it.
 */
final class SyncWatch {
    /** What an owner has said of a mark. */
    private record InSync(int vuid, int volumeEpoch, int slot, long mark) {}

    private final Set<InSync> proposed = new HashSet<>();

    void proposed(int vuid, int volumeEpoch, int slot, long mark) {
        proposed.add(new InSync(vuid, volumeEpoch, slot, mark));
    }

    /**
     * The two are one decision apart, so none is left out; and of a volume that is being deleted no
     * slot is behind.
     */
    void check(ClusterMap before, ClusterMap after) {
        if (after.epoch() != before.epoch() + 1) {
            throw new AssertionError(
                    "map %d comes after map %d".formatted(after.epoch(), before.epoch()));
        }
        for (VolumeEntry volume : after.volumes()) {
            VolumeEntry old = before.volume(volume.vuid()).orElse(null);
            if (old != null && !old.behind().isEmpty() && volume.state() == VolumeState.ONLINE) {
                old.behind().forEach((slot, mark) -> check(after, old, volume, slot, mark));
                after.nodes().forEach(node -> checkRenewed(before, after, old, volume, node));
            }
        }
    }

    private void check(ClusterMap map, VolumeEntry old, VolumeEntry now, int slot, long mark) {
        if (!now.behind().containsKey(slot)
                && now.placing().uses(slot)
                && !proposed.contains(new InSync(old.vuid(), old.epoch(), slot, mark))) {
            throw new AssertionError(
                    "map %d: slot %d is in sync, of whose mark of epoch %d nobody has said so"
                            .formatted(map.epoch(), slot, mark));
        }
    }

    private static void checkRenewed(
            ClusterMap before, ClusterMap after, VolumeEntry old, VolumeEntry now, NodeEntry node) {
        NodeEntry known = before.node(node.id()).orElse(node);
        if (known.incarnation() == node.incarnation() && known.state() == node.state()) {
            return;
        }
        for (Map.Entry<Integer, Long> mark : old.behind().entrySet()) {
            boolean isItsOwn = after.slot(mark.getKey()).nodeId() == node.id();
            if (isItsOwn && mark.getValue().equals(now.behind().get(mark.getKey()))) {
                throw new AssertionError(
                        "map %d: node %d is %s anew, and the mark of its slot %d is still of epoch %d"
                                .formatted(
                                        after.epoch(),
                                        node.id(),
                                        node.state(),
                                        mark.getKey(),
                                        mark.getValue()));
            }
        }
    }
}
