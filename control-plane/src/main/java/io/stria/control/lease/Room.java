package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.placement.Placement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whether what devices held that are taken for lost finds room on the others. Weights alone do not
 * say where it goes: with one chunk of a page on a node, another device of the same node takes more
 * of it than one elsewhere. So some pages of all volumes are placed as they are now and as they
 * will be, and what comes to a slot is reckoned in what a chunk takes on the average.
 */
final class Room {
    /** Pages that are placed; an answer costs the leader some milliseconds. */
    private static final int SAMPLES = 2048;

    private final ClusterMap map;
    private final SlotList wanted;
    private final Map<UUID, DeviceFill> fills;
    private final Map<SlotList, Placement> placements = new HashMap<>();
    private final double[] held;
    private final double[] coming;

    private Room(ClusterMap map, SlotList wanted, Map<UUID, DeviceFill> fills) {
        this.map = map;
        this.wanted = wanted;
        this.fills = fills;
        held = new double[map.slots().size()];
        coming = new double[map.slots().size()];
    }

    /**
     * Null if there is room, else why not, in a sentence.
     *
     * @param after the map as it will be, with the lost devices failed
     * @param fills of all devices that are there, as their nodes have told
     */
    static @Nullable String shortage(ClusterMap after, Map<UUID, DeviceFill> fills) {
        List<VolumeEntry> volumes =
                after.volumes().stream()
                        .filter(volume -> volume.state() == VolumeState.ONLINE)
                        .toList();
        Room room = new Room(after, SlotList.wanted(after.slots()), fills);
        double bytes = volumes.stream().mapToDouble(VolumeEntry::sizeBytes).sum();
        for (VolumeEntry volume : volumes) {
            room.sample(volume, volume.sizeBytes() / bytes);
        }
        return room.shortage();
    }

    /**
     * @param share of the volume in all of them
     */
    private void sample(VolumeEntry volume, double share) {
        long pages = volume.pages(map.pageShift());
        int samples = (int) Math.clamp(Math.round(SAMPLES * share), 1, pages);
        double pagesEach = (double) pages / samples;
        int[] now = new int[volume.scheme().fragments()];
        int[] then = new int[volume.scheme().fragments()];
        for (int i = 0; i < samples; i++) {
            long page = (long) (i * pagesEach);
            place(volume.placing().of(page), volume, page, now);
            place(wanted, volume, page, then);
            for (int chunk = 0; chunk < now.length; chunk++) {
                if (now[chunk] != Placement.NOWHERE) {
                    held[now[chunk]] += pagesEach;
                }
                if (then[chunk] != now[chunk] && then[chunk] != Placement.NOWHERE) {
                    coming[then[chunk]] += pagesEach;
                }
            }
        }
    }

    private void place(SlotList list, VolumeEntry volume, long page, int[] slots) {
        placements
                .computeIfAbsent(list, key -> Placement.of(map.listing(key)))
                .primary(volume.vuid(), page, volume.scheme(), slots);
    }

    private @Nullable String shortage() {
        double used = 0;
        double chunks = 0;
        for (DeviceSlot slot : map.slots()) {
            DeviceFill fill = fills.get(slot.deviceId());
            if (slot.state() != DeviceState.REMOVED && fill != null) {
                used += fill.pagesUsed();
                chunks += held[slot.slot()];
            } else if (isThere(slot)) {
                return "how full the device of slot %d is has not been told yet"
                        .formatted(slot.slot());
            }
        }
        // Volumes are thin: a chunk takes a page only where something was written.
        double perChunk = chunks == 0 ? 1 : Math.min(1, used / chunks);
        for (DeviceSlot slot : map.slots()) {
            DeviceFill fill = fills.get(slot.deviceId());
            if (fill != null && coming[slot.slot()] > 0) {
                double percent =
                        100
                                * (fill.pagesUsed() + coming[slot.slot()] * perChunk)
                                / fill.pagesTotal();
                if (percent > DeviceFill.HIGH_WATER_PERCENT) {
                    return "the device of slot %d would be %.0f %% full, more than %d %%"
                            .formatted(slot.slot(), percent, DeviceFill.HIGH_WATER_PERCENT);
                }
            }
        }
        return null;
    }

    private boolean isThere(DeviceSlot slot) {
        return wanted.contains(slot.slot()) && slot.state() != DeviceState.UNAVAILABLE;
    }
}
