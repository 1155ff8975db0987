package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.VolumeRules;
import io.stria.control.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The bytes of the largest message with a map that a cluster can come to by itself: however its
 * nodes come and go, its owners start, slots fall behind and pages move. No such change makes this
 * larger. What does are changes that users ask for, devices that are taken for lost, nodes that
 * join, and epochs beyond {@link #EPOCH_MAX}.
 *
 * <p>Of each volume it reckons with
 *
 * <ul>
 *   <li>all numbers as long as they can become, while pages move;
 *   <li>every slot that is a tombstone in its lists, or will be in the next one, in both of them;
 *   <li>every slot of the two nodes with the longest lists as marked behind and as missed: a page
 *       is never without more than two chunks, so marks of one list are of two nodes at most, see
 *       {@code BehindRule};
 *   <li>the same of slots that some of its lists have and others have not: while no page has moved,
 *       marks of slots that are only in the new list are not counted.
 * </ul>
 */
public final class MapSize {
    /** At ten changes a second it takes three years to come here. */
    private static final long EPOCH_MAX = 999_999_999;

    /** What may be behind at once, in nodes. */
    private static final int NODES_BEHIND = 2;

    private final ClusterMap map;
    private final List<DeviceSlot> slots;
    private final List<VolumeEntry> volumes;
    private final long epoch;
    private final BitSet wanted;
    private final BitSet unwanted;

    /**
     * @param slots instead of the map's
     * @param volumes instead of the map's
     */
    MapSize(ClusterMap map, List<DeviceSlot> slots, List<VolumeEntry> volumes) {
        this.map = map;
        this.slots = slots;
        this.volumes = volumes;
        epoch = Math.max(EPOCH_MAX, map.epoch());
        SlotList list = SlotList.wanted(slots);
        wanted = contained(list);
        unwanted = removed(list);
    }

    public static long bytesMax(ClusterMap map) {
        return new MapSize(map, map.slots(), map.volumes()).bytesMax();
    }

    /** The same after the change at most, whatever the rules make of it. */
    public static long bytesMaxAfter(ClusterMap map, Decision change) {
        MapDraft draft = new MapDraft(map);
        draft.change(change);
        return Math.max(bytesMax(map), draft.bytesMax());
    }

    long bytesMax() {
        long bytes = bareBytes();
        if (volumes.isEmpty()) {
            return bytes;
        }
        long each = frameBytes() + behindBytes();
        for (VolumeEntry volume : volumes) {
            bytes += each + utf8(volume.name()) + utf8(volume.nqn()) + listBytes(volume.placing());
        }
        return bytes;
    }

    /** Without volumes, and with the longest states. */
    private long bareBytes() {
        List<NodeEntry> nodes =
                map.nodes().stream()
                        .map(node -> node.withState(NodeState.OFFLINE, Long.MAX_VALUE))
                        .toList();
        ClusterMap withNodes =
                new ClusterMap(
                        map.clusterId(), epoch, map.pageShift(), nodes, List.of(), List.of());
        Message message = new Message.NewMap(Long.MAX_VALUE, withNodes, Long.MAX_VALUE);
        DeviceSlot[] longest = slots.stream().map(MapSize::longest).toArray(DeviceSlot[]::new);
        return (long) MessageCodec.encode(List.of(message)).length + Json.write(longest).length;
    }

    /** Of any size: a larger device may take the place of a lost one. */
    private static DeviceSlot longest(DeviceSlot slot) {
        return new DeviceSlot(
                slot.slot(),
                slot.deviceId(),
                slot.nodeId(),
                Long.MAX_VALUE,
                slot.weight(),
                DeviceState.UNAVAILABLE);
    }

    /** A volume as it is written, without its name and without slots in its lists. */
    private long frameBytes() {
        List<Integer> nodes = map.nodes().stream().map(NodeEntry::id).toList();
        List<Integer> paths =
                nodes.subList(Math.max(0, nodes.size() - VolumeRules.PATHS_MAX), nodes.size());
        long pages = 0;
        long size = 1;
        for (VolumeEntry volume : volumes) {
            pages = Math.max(pages, volume.pages(map.pageShift()));
            size = Math.max(size, volume.sizeBytes());
        }
        int listed = Math.max(1, slots.size());
        SlotList from = new SlotList(listed, new TreeSet<>());
        SlotList to = new SlotList(listed, new TreeSet<>(List.of(0)));
        VolumeEntry any = volumes.getFirst();
        VolumeEntry longest =
                new VolumeEntry(
                        VolumeEntry.VUID_MAX,
                        any.id(),
                        "v",
                        "n",
                        size,
                        any.scheme(),
                        Tolerance.DEVICE,
                        VolumeState.DELETING,
                        VolumeEntry.EPOCH_MAX,
                        paths.getLast(),
                        paths,
                        new TreeMap<>(),
                        VolumeEntry.LBA_BYTES_SMALL,
                        new Placing(from, to, pages, epoch, new TreeSet<>()));
        return Json.write(longest).length + 1L;
    }

    /** Of the two nodes with the most. */
    private long behindBytes() {
        Map<Integer, Long> ofNodes = new HashMap<>();
        for (DeviceSlot slot : slots) {
            if (slot.state() != DeviceState.REMOVED) {
                ofNodes.merge(slot.nodeId(), (long) behindBytes(slot.slot()), Long::sum);
            }
        }
        return ofNodes.values().stream()
                .sorted(Comparator.reverseOrder())
                .limit(NODES_BEHIND)
                .mapToLong(Long::longValue)
                .sum();
    }

    private long listBytes(Placing placing) {
        BitSet tombstones = removed(placing.from());
        tombstones.or(removed(placing.to()));
        tombstones.or(unwanted);
        long bytes = 0;
        for (int slot = next(tombstones, 0); slot >= 0; slot = next(tombstones, slot + 1)) {
            bytes += 2L * slotBytes(slot);
        }
        BitSet inAll = contained(placing.from());
        BitSet inSome = contained(placing.to());
        BitSet inTo = (BitSet) inSome.clone();
        inSome.or(inAll);
        inSome.or(wanted);
        inAll.and(inTo);
        inAll.and(wanted);
        inSome.andNot(inAll);
        for (int slot = next(inSome, 0); slot >= 0; slot = next(inSome, slot + 1)) {
            bytes += behindBytes(slot);
        }
        return bytes;
    }

    private static int next(BitSet slots, int from) {
        return slots.nextSetBit(from);
    }

    private static BitSet removed(SlotList list) {
        BitSet slots = new BitSet(list.slots());
        for (int slot : list.removed()) {
            slots.set(slot);
        }
        return slots;
    }

    private static BitSet contained(SlotList list) {
        BitSet slots = removed(list);
        slots.flip(0, list.slots());
        return slots;
    }

    /** In a list of slots, with a comma. */
    private static int slotBytes(int slot) {
        return digits(slot) + 1;
    }

    /** With the quotation marks, colon and comma of a mark, and once more as missed. */
    private int behindBytes(int slot) {
        return digits(slot) + 4 + digits(epoch) + slotBytes(slot);
    }

    private static int digits(long value) {
        int digits = 1;
        for (long left = value / 10; left > 0; left /= 10) {
            digits++;
        }
        return digits;
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
