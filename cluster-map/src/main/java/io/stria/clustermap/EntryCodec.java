package io.stria.clustermap;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The entries of a map as bytes, format versions 1 to 3. Integers are little endian, UUIDs stand in
 * the order in which they are printed, {@code text} is a u16 length and that many bytes of UTF-8.
 *
 * <pre>
 * node    u32 id, u16 dataPort, u16 apiPort, u16 consensusPort, u8 voter (0, 1), u8 state,
 *         u64 incarnation, text address, text zone, text rack
 * state   0 online, 1 offline, 2 removed
 *
 * slot    u32 slot, u8[16] deviceId, u32 nodeId, u64 sizeBytes, u64 weight, u8 state
 * state   0 online, 1 unavailable, 2 syncing, 3 failed, 4 draining, 5 removed
 *
 * volume  u32 vuid, u8[16] id, u64 sizeBytes, u8 n of the scheme n+2, u8 tolerance, u8 state,
 *         u32 epoch, u32 owner, text name, text nqn,
 *         u32 count and u32[] paths, u32 count and (u32 slot, u64 map epoch of the mark)[] behind,
 *         ascending
 *         from format version 2 on: u32 bytes of a logical block
 *         from format version 3 on:  list from, list to, u64 cursor, u64 since,
 *           u32 count and u32[] missed, ascending
 * list    u32 length, u32 count and u32[] slots that are tombstones, ascending
 * tolerance 0 node, 1 device; state 0 online, 1 deleting
 * </pre>
 */
final class EntryCodec {
    static final int NODE_BYTES_MIN = 26;
    static final int SLOT_BYTES = 41;
    static final int VOLUME_BYTES_MIN = 51;

    /** The first format version in which volumes say how large their logical blocks are. */
    private static final int VERSION_LBA_BYTES = 2;

    /** The first format version in which volumes say which slots they are placed on. */
    private static final int VERSION_PLACING = 3;

    // A code is a position in these lists: append only.
    private static final List<NodeState> NODE_STATES =
            List.of(NodeState.ONLINE, NodeState.OFFLINE, NodeState.REMOVED);
    private static final List<DeviceState> DEVICE_STATES =
            List.of(
                    DeviceState.ONLINE,
                    DeviceState.UNAVAILABLE,
                    DeviceState.SYNCING,
                    DeviceState.FAILED,
                    DeviceState.DRAINING,
                    DeviceState.REMOVED);
    private static final List<Tolerance> TOLERANCES = List.of(Tolerance.NODE, Tolerance.DEVICE);
    private static final List<VolumeState> VOLUME_STATES =
            List.of(VolumeState.ONLINE, VolumeState.DELETING);

    private EntryCodec() {}

    static void write(ByteWriter out, NodeEntry node) {
        out.u32(node.id());
        out.u16(node.dataPort());
        out.u16(node.apiPort());
        out.u16(node.consensusPort());
        out.u8(node.voter() ? 1 : 0);
        out.u8(code(NODE_STATES, node.state()));
        out.u64(node.incarnation());
        out.text(node.address());
        out.text(node.zone());
        out.text(node.rack());
    }

    static NodeEntry node(ByteReader in) throws MapFormatException {
        int id = in.u32("node id");
        int dataPort = in.u16("data port");
        int apiPort = in.u16("API port");
        int consensusPort = in.u16("consensus port");
        boolean voter = value(List.of(false, true), in.u8("voter"), "voter");
        NodeState state = value(NODE_STATES, in.u8("node state"), "node state");
        long incarnation = in.u64("incarnation");
        String address = in.text("address");
        String zone = in.text("zone");
        String rack = in.text("rack");
        return checked(() ->
                new NodeEntry(
                        id,
                        address,
                        dataPort,
                        apiPort,
                        consensusPort,
                        zone,
                        rack,
                        voter,
                        state,
                        incarnation));
    }

    static void write(ByteWriter out, DeviceSlot slot) {
        out.u32(slot.slot());
        out.uuid(slot.deviceId());
        out.u32(slot.nodeId());
        out.u64(slot.sizeBytes());
        out.u64(slot.weight());
        out.u8(code(DEVICE_STATES, slot.state()));
    }

    static DeviceSlot slot(ByteReader in) throws MapFormatException {
        int slot = in.u32("slot");
        UUID deviceId = in.uuid("device id");
        int nodeId = in.u32("node of slot");
        long sizeBytes = in.u64("device size");
        long weight = in.u64("weight");
        DeviceState state = value(DEVICE_STATES, in.u8("device state"), "device state");
        return checked(() -> new DeviceSlot(slot, deviceId, nodeId, sizeBytes, weight, state));
    }

    /**
     * The oldest format version that can say what the volume is. Before volumes said where they are
     * placed, it was on all slots of the map that were not removed.
     *
     * @param listed on all of them
     */
    static int version(VolumeEntry volume, Placing listed) {
        if (!volume.placing().equals(listed)) {
            return VERSION_PLACING;
        }
        return volume.lbaBytes() == VolumeEntry.LBA_BYTES_DEFAULT ? 1 : VERSION_LBA_BYTES;
    }

    /** The volumes without what entries of this format version do not say. */
    static List<VolumeEntry> asSaidBy(int version, List<VolumeEntry> volumes) {
        return version >= VERSION_PLACING
                ? volumes
                : volumes.stream().map(volume -> volume.withPlacing(Placing.AS_LISTED)).toList();
    }

    static void write(ByteWriter out, VolumeEntry volume, int version) {
        out.u32(volume.vuid());
        out.uuid(volume.id());
        out.u64(volume.sizeBytes());
        out.u8(volume.scheme().dataFragments());
        out.u8(code(TOLERANCES, volume.tolerance()));
        out.u8(code(VOLUME_STATES, volume.state()));
        out.u32(volume.epoch());
        out.u32(volume.owner());
        out.text(volume.name());
        out.text(volume.nqn());
        out.u32(volume.paths().size());
        volume.paths().forEach(out::u32);
        out.u32(volume.behind().size());
        volume.behind()
                .forEach((slot, mark) -> {
                    out.u32(slot);
                    out.u64(mark);
                });
        if (version >= VERSION_LBA_BYTES) {
            out.u32(volume.lbaBytes());
        }
        if (version >= VERSION_PLACING) {
            write(out, volume.placing().from());
            write(out, volume.placing().to());
            out.u64(volume.placing().cursor());
            out.u64(volume.placing().since());
            write(out, volume.placing().missed());
        }
    }

    private static void write(ByteWriter out, SlotList list) {
        out.u32(list.slots());
        write(out, list.removed());
    }

    private static void write(ByteWriter out, SortedSet<Integer> slots) {
        out.u32(slots.size());
        slots.forEach(out::u32);
    }

    private static SlotList slotList(ByteReader in) throws MapFormatException {
        int slots = in.u32("length of a list of slots");
        SortedSet<Integer> removed = slotSet(in, "tombstones");
        return checked(() -> new SlotList(slots, removed));
    }

    private static SortedSet<Integer> slotSet(ByteReader in, String what)
            throws MapFormatException {
        TreeSet<Integer> set = new TreeSet<>();
        for (int left = in.count(what, 4); left > 0; left--) {
            int slot = in.u32(what);
            if (!set.isEmpty() && slot <= set.last()) {
                throw new MapFormatException(what + " are not in ascending order");
            }
            set.add(slot);
        }
        return set;
    }

    private static Placing placing(ByteReader in) throws MapFormatException {
        SlotList from = slotList(in);
        SlotList to = slotList(in);
        long cursor = in.u64("cursor");
        long since = in.u64("epoch of a movement");
        SortedSet<Integer> missed = slotSet(in, "slots that missed chunks");
        return checked(() -> new Placing(from, to, cursor, since, missed));
    }

    static VolumeEntry volume(ByteReader in, int version) throws MapFormatException {
        int vuid = in.u32("VUID");
        UUID id = in.uuid("volume id");
        long sizeBytes = in.u64("volume size");
        int dataFragments = in.u8("scheme");
        Tolerance tolerance = value(TOLERANCES, in.u8("tolerance"), "tolerance");
        VolumeState state = value(VOLUME_STATES, in.u8("volume state"), "volume state");
        int epoch = in.u32("volume epoch");
        int owner = in.u32("owner");
        String name = in.text("volume name");
        String nqn = in.text("NQN");
        List<Integer> paths = new ArrayList<>();
        for (int left = in.count("paths", 4); left > 0; left--) {
            paths.add(in.u32("path"));
        }
        SortedMap<Integer, Long> behind = behind(in);
        int lbaBytes =
                version >= VERSION_LBA_BYTES
                        ? in.u32("bytes of a logical block")
                        : VolumeEntry.LBA_BYTES_DEFAULT;
        Placing placing = version >= VERSION_PLACING ? placing(in) : Placing.AS_LISTED;
        return checked(() ->
                new VolumeEntry(
                        vuid,
                        id,
                        name,
                        nqn,
                        sizeBytes,
                        new Scheme(dataFragments),
                        tolerance,
                        state,
                        epoch,
                        owner,
                        paths,
                        behind,
                        lbaBytes,
                        placing));
    }

    private static SortedMap<Integer, Long> behind(ByteReader in) throws MapFormatException {
        TreeMap<Integer, Long> behind = new TreeMap<>();
        for (int left = in.count("slots behind", 12); left > 0; left--) {
            int slot = in.u32("slot behind");
            // One value has one encoding: receivers compare encodings by their checksum.
            if (!behind.isEmpty() && slot <= behind.lastKey()) {
                throw new MapFormatException("slots behind are not in ascending order");
            }
            behind.put(slot, in.u64("mark of a slot behind"));
        }
        return behind;
    }

    private static <T> int code(List<T> values, T value) {
        int code = values.indexOf(value);
        assert code >= 0 : value + " has no code";
        return code;
    }

    private static <T> T value(List<T> values, int code, String what) throws MapFormatException {
        if (code >= values.size()) {
            throw new MapFormatException(what + " has the unknown code " + code);
        }
        return values.get(code);
    }

    /** Builds a record, whose own checks refuse what the bytes should not say. */
    static <T> T checked(Supplier<T> record) throws MapFormatException {
        try {
            return record.get();
        } catch (IllegalArgumentException e) {
            throw new MapFormatException(String.valueOf(e.getMessage()), e);
        }
    }
}
