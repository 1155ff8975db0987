package io.stria.simulator;

import io.stria.clustermap.DeviceSlot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Promise 6: space that nobody owns is free. When hosts have asked for nothing for a while, no
 * store has more pages in use than it has chunks that hold anything; and when the volume has been
 * deleted, none has any.
 */
final class Space {
    /** Within this time all that can be freed is. */
    static final long SETTLE_MS = 5_000;

    private final SimulatedCluster cluster;
    private final Predicate<SimulatedNode.Disk> isDamaged;
    private final Map<UUID, Long> used = new LinkedHashMap<>();

    /**
     * What is in use now, on devices that the volume may have chunks on.
     *
     * @param isDamaged of devices of which nobody owes anything
     */
    Space(SimulatedCluster cluster, Predicate<SimulatedNode.Disk> isDamaged) {
        this.cluster = cluster;
        this.isDamaged = isDamaged;
        slots().forEach(slot -> used.put(slot.deviceId(), usedOf(slot.deviceId())));
    }

    private List<DeviceSlot> slots() {
        return cluster.map().slots().stream()
                .filter(slot -> cluster.volume().placing().uses(slot.slot()))
                .toList();
    }

    private long usedOf(UUID deviceId) {
        return cluster.stores().fill(deviceId).pagesUsed();
    }

    /** The scrub has looked at all that was there. */
    void expectNoneLost(Scrub scrub) {
        List<String> lost = new ArrayList<>();
        for (DeviceSlot slot : slots()) {
            long held = used.getOrDefault(slot.deviceId(), 0L);
            int live = scrub.liveChunks(slot.deviceId());
            if (held > live) {
                lost.add(
                        "slot %d has %d pages in use, and %d chunks that hold anything"
                                .formatted(slot.slot(), held, live));
            }
        }
        if (!lost.isEmpty()) {
            throw new AssertionError("space that nobody owns is not free: " + lost);
        }
    }

    /**
     * What of the devices that are not damaged is not free, or cannot be looked at, in a few words
     * each: whatever the map says of them, none may hold anything.
     */
    List<String> notFree() {
        List<String> left = new ArrayList<>();
        for (SimulatedNode node : cluster.nodes()) {
            if (!node.isWell()) {
                left.add("node %d is not well".formatted(node.id()));
            }
            for (SimulatedNode.Disk disk : node.disks()) {
                if (isDamaged.test(disk)) {
                    continue;
                }
                if (!node.isWell(disk)) {
                    left.add("node %d has no %s".formatted(node.id(), disk.path()));
                } else if (usedOf(disk.deviceId()) > 0) {
                    left.add(
                            "%d pages of node %d on %s"
                                    .formatted(usedOf(disk.deviceId()), node.id(), disk.path()));
                }
            }
        }
        return left;
    }
}
