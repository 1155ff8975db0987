package io.stria.simulator;

import io.stria.clustermap.DeviceSlot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Promise 6: space that nobody owns is free. When hosts have asked for nothing for a while, no
 * store has more pages in use than it has chunks that hold anything; and when the volume has been
 * deleted, none has any.
 */
final class Space {
    /** Within this time all that can be freed is. */
    static final long SETTLE_MS = 5_000;

    private final SimulatedCluster cluster;
    private final Map<UUID, Long> used = new LinkedHashMap<>();

    /** What is in use now, on devices that the volume may have chunks on. */
    Space(SimulatedCluster cluster) {
        this.cluster = cluster;
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

    /** Every device that a node has, whatever the map says of it, holds nothing. */
    boolean isAllFree() {
        return inUse().isEmpty();
    }

    /** Of devices that nodes have: pages in use, where there are any. */
    Map<UUID, Long> inUse() {
        Map<UUID, Long> inUse = new LinkedHashMap<>();
        for (SimulatedNode node : cluster.nodes()) {
            NodeProcess process = node.processOrNull();
            for (SimulatedNode.Disk disk : node.disks()) {
                if (process != null
                        && process.hasDevice(disk.deviceId())
                        && usedOf(disk.deviceId()) > 0) {
                    inUse.put(disk.deviceId(), usedOf(disk.deviceId()));
                }
            }
        }
        return inUse;
    }
}
