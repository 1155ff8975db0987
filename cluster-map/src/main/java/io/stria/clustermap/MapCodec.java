package io.stria.clustermap;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.ToIntFunction;

/**
 * The cluster map as bytes: whole, or as the difference between two epochs. Bytes may come from
 * anywhere; whatever they hold, decoding ends in a consistent map or a {@link MapFormatException}.
 * Nothing sends them yet: between nodes maps travel whole, as JSON in the control plane's messages;
 * the {@linkplain #digest digest} of these bytes tells whether they have arrived as one map.
 *
 * <p>Both kinds stand in an {@link Envelope}, in the oldest format version that can say what the
 * map holds: so a map without anything new is understood by older programs, and one map has one
 * encoding. Their bodies (entries are drawn at {@link EntryCodec}):
 *
 * <pre>
 * full    u8[16] clusterId, u64 epoch, u8 pageShift,
 *         u32 count and nodes by id, u32 count and slots, u32 count and volumes by VUID
 *
 * delta   u8[16] clusterId, u64 base epoch, u64 new epoch, u32 CRC32C of the new map's full body,
 *         u32 count and u32[] ids of nodes that are gone, u32 count and nodes new or changed,
 *         u32 length of the list of slots, u32 count and slots new or changed,
 *         u32 count and u32[] VUIDs of volumes that are gone, u32 count and volumes new or changed
 * </pre>
 *
 * The checksum in a delta makes two nodes that applied it hold the same map, bit for bit.
 */
public final class MapCodec {
    private static final int DIGEST_BYTES = 16;

    private MapCodec() {}

    public static byte[] encodeFull(ClusterMap map) {
        int version = version(map);
        return Envelope.wrap(Envelope.KIND_FULL, version, fullBody(map, version));
    }

    /**
     * What only equal maps share: the first 128 bits of SHA-256 over {@link #encodeFull}, as 32 hex
     * digits. Takes no longer than writing the map as JSON.
     */
    public static String digest(ClusterMap map) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(encodeFull(map));
            return HexFormat.of().formatHex(hash, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public static ClusterMap decodeFull(byte[] bytes) throws MapFormatException {
        ByteReader in = Envelope.open(Envelope.KIND_FULL, bytes);
        UUID clusterId = in.uuid("cluster id");
        long epoch = in.u64("epoch");
        int pageShift = in.u8("page shift");
        List<NodeEntry> nodes = nodes(in);
        List<DeviceSlot> slots = slots(in);
        List<VolumeEntry> volumes = volumes(in, Envelope.version(bytes));
        in.end();
        ClusterMap map =
                EntryCodec.checked(
                        () -> new ClusterMap(clusterId, epoch, pageShift, nodes, slots, volumes));
        checkVersion(map, bytes);
        return map;
    }

    /** One map has one encoding. */
    private static void checkVersion(ClusterMap map, byte[] bytes) throws MapFormatException {
        int version = Envelope.version(bytes);
        if (version != version(map)) {
            throw new MapFormatException(
                    "the cluster map has format version %d, and needs version %d"
                            .formatted(version, version(map)));
        }
    }

    /**
     * What turns {@code from} into {@code to}, a later epoch of the same cluster; epochs between
     * them may be left out.
     */
    public static byte[] encodeDelta(ClusterMap from, ClusterMap to) {
        if (!from.clusterId().equals(to.clusterId()) || from.pageShift() != to.pageShift()) {
            throw new IllegalArgumentException("a delta joins two epochs of one cluster");
        }
        if (from.epoch() >= to.epoch()) {
            throw new IllegalArgumentException(
                    "a delta leads to a later epoch, not from "
                            + from.epoch()
                            + " to "
                            + to.epoch());
        }
        ByteWriter out = new ByteWriter();
        out.uuid(to.clusterId());
        out.u64(from.epoch());
        out.u64(to.epoch());
        int version = version(to);
        out.u32(Envelope.crc32c(fullBody(to, version)));
        gone(out, from.nodes(), to.nodes(), NodeEntry::id);
        List<NodeEntry> nodes = changed(from.nodes(), to.nodes(), NodeEntry::id);
        out.u32(nodes.size());
        nodes.forEach(node -> EntryCodec.write(out, node));
        out.u32(to.slots().size());
        List<DeviceSlot> slots = changed(from.slots(), to.slots(), DeviceSlot::slot);
        out.u32(slots.size());
        slots.forEach(slot -> EntryCodec.write(out, slot));
        gone(out, from.volumes(), to.volumes(), VolumeEntry::vuid);
        List<VolumeEntry> volumes =
                changed(
                        EntryCodec.asSaidBy(version, from.volumes()),
                        EntryCodec.asSaidBy(version, to.volumes()),
                        VolumeEntry::vuid);
        out.u32(volumes.size());
        volumes.forEach(volume -> EntryCodec.write(out, volume, version));
        return Envelope.wrap(Envelope.KIND_DELTA, version, out.toBytes());
    }

    /**
     * The map that a delta leads to.
     *
     * @throws WrongBaseException if the delta starts from another epoch than {@code from}
     */
    public static ClusterMap applyDelta(ClusterMap from, byte[] bytes) throws MapFormatException {
        ByteReader in = Envelope.open(Envelope.KIND_DELTA, bytes);
        UUID clusterId = in.uuid("cluster id");
        if (!clusterId.equals(from.clusterId())) {
            throw new MapFormatException(
                    "the delta is of cluster " + clusterId + ", not of " + from.clusterId());
        }
        long base = in.u64("base epoch");
        if (base != from.epoch()) {
            throw new WrongBaseException(base, from.epoch());
        }
        long epoch = in.u64("new epoch");
        if (epoch <= base) {
            throw new MapFormatException(
                    "the delta leads back from epoch " + base + " to " + epoch);
        }
        int crc = in.u32("checksum of the new map");
        List<NodeEntry> nodes = without(from.nodes(), NodeEntry::id, in);
        nodes = merged(nodes, NodeEntry::id, nodes(in));
        List<DeviceSlot> slots = slots(from.slots(), in);
        List<VolumeEntry> volumes = without(from.volumes(), VolumeEntry::vuid, in);
        int version = Envelope.version(bytes);
        volumes = merged(volumes, VolumeEntry::vuid, volumes(in, version));
        volumes = EntryCodec.asSaidBy(version, volumes);
        in.end();
        ClusterMap result = result(from, epoch, nodes, slots, volumes);
        checkVersion(result, bytes);
        if (Envelope.crc32c(fullBody(result, version)) != crc) {
            throw new MapFormatException(
                    "the delta to epoch %d does not fit the map of epoch %d that it was applied to"
                            .formatted(epoch, base));
        }
        return result;
    }

    private static ClusterMap result(
            ClusterMap from,
            long epoch,
            List<NodeEntry> nodes,
            List<DeviceSlot> slots,
            List<VolumeEntry> volumes)
            throws MapFormatException {
        return EntryCodec.checked(() ->
                new ClusterMap(from.clusterId(), epoch, from.pageShift(), nodes, slots, volumes));
    }

    private static byte[] fullBody(ClusterMap map, int version) {
        ByteWriter out = new ByteWriter();
        out.uuid(map.clusterId());
        out.u64(map.epoch());
        out.u8(map.pageShift());
        out.u32(map.nodes().size());
        map.nodes().forEach(node -> EntryCodec.write(out, node));
        out.u32(map.slots().size());
        map.slots().forEach(slot -> EntryCodec.write(out, slot));
        out.u32(map.volumes().size());
        map.volumes().forEach(volume -> EntryCodec.write(out, volume, version));
        return out.toBytes();
    }

    private static List<NodeEntry> nodes(ByteReader in) throws MapFormatException {
        List<NodeEntry> nodes = new ArrayList<>();
        for (int left = in.count("nodes", EntryCodec.NODE_BYTES_MIN); left > 0; left--) {
            nodes.add(EntryCodec.node(in));
        }
        return nodes;
    }

    private static List<DeviceSlot> slots(ByteReader in) throws MapFormatException {
        List<DeviceSlot> slots = new ArrayList<>();
        for (int left = in.count("slots", EntryCodec.SLOT_BYTES); left > 0; left--) {
            slots.add(EntryCodec.slot(in));
        }
        return slots;
    }

    private static int version(ClusterMap map) {
        Placing listed = Placing.settled(SlotList.of(map.slots()));
        return map.volumes().stream()
                .mapToInt(volume -> EntryCodec.version(volume, listed))
                .max()
                .orElse(1);
    }

    private static List<VolumeEntry> volumes(ByteReader in, int version) throws MapFormatException {
        List<VolumeEntry> volumes = new ArrayList<>();
        for (int left = in.count("volumes", EntryCodec.VOLUME_BYTES_MIN); left > 0; left--) {
            volumes.add(EntryCodec.volume(in, version));
        }
        return volumes;
    }

    /** A list that compaction made shorter loses its end; slots have no list of ids that went. */
    private static List<DeviceSlot> slots(List<DeviceSlot> before, ByteReader in)
            throws MapFormatException {
        int length = in.u32("length of the list of slots");
        if (length < 0 || length > DeviceSlot.SLOTS_MAX) {
            throw new MapFormatException("a list of " + length + " slots is not possible");
        }
        List<DeviceSlot> kept = before.subList(0, Math.min(length, before.size()));
        List<DeviceSlot> result = merged(kept, DeviceSlot::slot, slots(in));
        if (result.size() != length) {
            throw new MapFormatException(
                    "the delta makes a list of " + result.size() + " slots, not of " + length);
        }
        return result;
    }

    private static <T> void gone(
            ByteWriter out, List<T> before, List<T> after, ToIntFunction<T> key) {
        int[] ids =
                before.stream()
                        .mapToInt(key)
                        .filter(id -> ClusterMap.position(after, key, id) < 0)
                        .toArray();
        out.u32(ids.length);
        for (int id : ids) {
            out.u32(id);
        }
    }

    private static <T> List<T> without(List<T> before, ToIntFunction<T> key, ByteReader in)
            throws MapFormatException {
        List<T> kept = new ArrayList<>(before);
        for (int left = in.count("ids that are gone", 4); left > 0; left--) {
            int id = in.u32("id that is gone");
            int at = ClusterMap.position(kept, key, id);
            if (at < 0) {
                throw new MapFormatException("the delta drops " + id + ", which is not there");
            }
            kept.remove(at);
        }
        return kept;
    }

    private static <T> List<T> changed(List<T> before, List<T> after, ToIntFunction<T> key) {
        return after.stream()
                .filter(entry -> {
                    int at = ClusterMap.position(before, key, key.applyAsInt(entry));
                    return at < 0 || !before.get(at).equals(entry);
                })
                .toList();
    }

    /** Both lists are ascending; on equal keys the newer entry wins. */
    private static <T> List<T> merged(List<T> before, ToIntFunction<T> key, List<T> newer) {
        List<T> result = new ArrayList<>(before.size() + newer.size());
        int from = 0;
        for (T entry : newer) {
            int id = key.applyAsInt(entry);
            while (from < before.size() && key.applyAsInt(before.get(from)) < id) {
                result.add(before.get(from++));
            }
            if (from < before.size() && key.applyAsInt(before.get(from)) == id) {
                from++;
            }
            result.add(entry);
        }
        result.addAll(before.subList(from, before.size()));
        return result;
    }
}
