package io.stria.clustermap;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** One fixed map with everything in it, and random ones. */
final class SampleMaps {
    static final UUID CLUSTER = UUID.fromString("5e1f0c8a-3b7d-4c21-9f60-0a1b2c3d4e5f");

    private static final String NQN = "nqn.2025-01.io.stria:volume:";

    private SampleMaps() {}

    static ClusterMap everything() {
        return new ClusterMap(
                CLUSTER,
                41,
                8,
                List.of(
                        new NodeEntry(
                                1,
                                "10.0.0.1",
                                4420,
                                8080,
                                9870,
                                "zone-a",
                                "rack-1",
                                true,
                                NodeState.ONLINE,
                                1),
                        nodeTwo(NodeState.OFFLINE, 1L << 40),
                        new NodeEntry(
                                7, "127.0.0.1", 65535, 0, 1, "", "", false, NodeState.ONLINE, -1)),
                List.of(
                        slot(0, 1, 1L << 40, 1024, DeviceState.ONLINE),
                        slot(1, 1, 512L << 30, 512, DeviceState.UNAVAILABLE),
                        slot(2, 2, 1L << 40, 1024, DeviceState.SYNCING),
                        slot(3, 2, 1 << 20, 1, DeviceState.FAILED),
                        slot(4, 7, 1L << 50, DeviceSlot.WEIGHT_MAX, DeviceState.DRAINING),
                        slot(5, 7, 0, 3, DeviceState.REMOVED)),
                List.of(
                        new VolumeEntry(
                                0,
                                volumeId(1),
                                "a",
                                NQN + "a",
                                1,
                                new Scheme(1),
                                Tolerance.DEVICE,
                                VolumeState.ONLINE,
                                0,
                                1,
                                List.of(1),
                                new TreeMap<>()),
                        dataBase(17, 2, new TreeMap<>(Map.of(1, 40L, 2, 1L << 40, 5, 0L))),
                        new VolumeEntry(
                                0xffffff,
                                volumeId(3),
                                "letztes",
                                NQN + "z",
                                123456789,
                                new Scheme(8),
                                Tolerance.NODE,
                                VolumeState.DELETING,
                                0xffffff,
                                7,
                                List.of(7),
                                new TreeMap<>())));
    }

    /** What {@code delta-v1.hex} makes of {@link #everything}. */
    static ClusterMap everythingTwoEpochsLater() {
        ClusterMap map = everything();
        NodeEntry nine =
                new NodeEntry(
                        9, "10.0.0.9", 1, 2, 3, "zone-c", "rack-9", false, NodeState.ONLINE, 0);
        VolumeEntry added =
                new VolumeEntry(
                        0x43,
                        volumeId(4),
                        "new",
                        NQN + "new",
                        4096,
                        new Scheme(2),
                        Tolerance.DEVICE,
                        VolumeState.ONLINE,
                        1,
                        9,
                        List.of(9, 1),
                        new TreeMap<>());
        ClusterMap grown = map.withNode(nine).withSlot(slot(6, 9, 7L << 30, 7, DeviceState.ONLINE));
        return map.withoutVolume(0)
                .next(
                        ClusterMap.put(
                                grown.nodes(),
                                NodeEntry::id,
                                nodeTwo(NodeState.ONLINE, (1L << 40) + 1)),
                        grown.withSlot(grown.slot(2).withState(DeviceState.ONLINE)).slots(),
                        List.of(
                                dataBase(18, 7, new TreeMap<>(Map.of(1, 43L, 5, 0L))),
                                added,
                                map.volume(0xffffff).orElseThrow().withPlacing(Placing.AS_LISTED)));
    }

    /** A volume whose logical blocks have 512 bytes. */
    static VolumeEntry ofSmallLbas(int vuid) {
        return new VolumeEntry(
                vuid,
                volumeId(5),
                "small",
                NQN + "small",
                1 << 20,
                new Scheme(2),
                Tolerance.NODE,
                VolumeState.ONLINE,
                1,
                7,
                List.of(7),
                new TreeMap<>(),
                VolumeEntry.LBA_BYTES_SMALL);
    }

    private static NodeEntry nodeTwo(NodeState state, long incarnation) {
        return new NodeEntry(
                2, "fd00::2", 4420, 8080, 9870, "zone-b", "München", true, state, incarnation);
    }

    private static VolumeEntry dataBase(int epoch, int owner, SortedMap<Integer, Long> behind) {
        return new VolumeEntry(
                0x42,
                volumeId(2),
                "data base",
                NQN + "data-base",
                1L << 40,
                new Scheme(4),
                Tolerance.NODE,
                VolumeState.ONLINE,
                epoch,
                owner,
                List.of(7, 2, 1),
                behind);
    }

    private static DeviceSlot slot(
            int slot, int nodeId, long sizeBytes, long weight, DeviceState state) {
        UUID id = UUID.fromString("d0000000-0000-4000-8000-00000000000" + slot);
        return new DeviceSlot(slot, id, nodeId, sizeBytes, weight, state);
    }

    private static UUID volumeId(int last) {
        return UUID.fromString("e0000000-0000-4000-8000-00000000000" + last);
    }

    static ClusterMap random(RandomGenerator random) {
        List<NodeEntry> nodes = new ArrayList<>();
        List<DeviceSlot> slots = new ArrayList<>();
        List<VolumeEntry> volumes = new ArrayList<>();
        int id = 0;
        for (int left = 1 + random.nextInt(6); left > 0; left--) {
            id += 1 + random.nextInt(1000);
            nodes.add(randomNode(id, random));
        }
        for (int slot = random.nextInt(10); slot > 0; slot--) {
            slots.add(randomSlot(slots.size(), nodes, random));
        }
        int vuid = -1;
        for (int left = random.nextInt(6); left > 0; left--) {
            vuid += 1 + random.nextInt(1 << 20);
            volumes.add(randomVolume(vuid, nodes, slots.size(), random));
        }
        return new ClusterMap(
                new UUID(random.nextLong(), random.nextLong()),
                random.nextLong(1L << 62),
                8 + random.nextInt(5),
                nodes,
                slots,
                volumes);
    }

    /** A later epoch of the map with some entries gone, some changed and some new. */
    static ClusterMap successor(ClusterMap map, RandomGenerator random) {
        ClusterMap other = random(random);
        List<NodeEntry> nodes = new ArrayList<>(map.nodes());
        nodes.replaceAll(node -> random.nextBoolean() ? node : randomNode(node.id(), random));
        nodes.add(randomNode(nodes.getLast().id() + 1, random));
        List<DeviceSlot> slots = new ArrayList<>(map.slots());
        slots.replaceAll(
                slot -> random.nextBoolean() ? slot : randomSlot(slot.slot(), nodes, random));
        int length = random.nextInt(slots.size() + 5);
        while (slots.size() > length) {
            slots.removeLast();
        }
        while (slots.size() < length) {
            slots.add(randomSlot(slots.size(), nodes, random));
        }
        List<VolumeEntry> volumes = new ArrayList<>();
        for (VolumeEntry volume : map.volumes()) {
            int choice = random.nextInt(3);
            boolean fits =
                    volume.behind().keySet().stream().allMatch(slot -> slot < length)
                            && volume.placing().from().slots() <= length
                            && volume.placing().to().slots() <= length;
            if (choice == 1 && fits) {
                volumes.add(volume);
            } else if (choice == 2) {
                volumes.add(randomVolume(volume.vuid(), nodes, length, random));
            }
        }
        return new ClusterMap(
                map.clusterId(),
                map.epoch() + 1 + random.nextInt(3),
                map.pageShift(),
                nodes,
                slots,
                other.volumes().isEmpty() ? List.of() : volumes);
    }

    private static NodeEntry randomNode(int id, RandomGenerator random) {
        return new NodeEntry(
                id,
                "10.0.0." + random.nextInt(256),
                random.nextInt(65536),
                random.nextInt(65536),
                random.nextInt(65536),
                "zone é" + random.nextInt(3),
                "r".repeat(random.nextInt(256)),
                random.nextBoolean(),
                NodeState.values()[random.nextInt(2)],
                random.nextLong());
    }

    private static DeviceSlot randomSlot(int slot, List<NodeEntry> nodes, RandomGenerator random) {
        return new DeviceSlot(
                slot,
                new UUID(random.nextLong(), random.nextLong()),
                nodes.get(random.nextInt(nodes.size())).id(),
                random.nextLong(1L << 50),
                1 + random.nextLong(DeviceSlot.WEIGHT_MAX),
                DeviceState.values()[random.nextInt(6)]);
    }

    private static VolumeEntry randomVolume(
            int vuid, List<NodeEntry> nodes, int slotCount, RandomGenerator random) {
        List<Integer> paths = new ArrayList<>();
        nodes.forEach(node -> paths.add(random.nextInt(paths.size() + 1), node.id()));
        SortedMap<Integer, Long> behind = new TreeMap<>();
        for (int slot = 0; slot < slotCount; slot++) {
            if (random.nextInt(3) == 0) {
                behind.put(slot, random.nextLong(1L << 62));
            }
        }
        String name = "volume " + vuid + " " + random.nextLong();
        Placing placing =
                random.nextBoolean() ? Placing.AS_LISTED : randomPlacing(slotCount, random);
        return new VolumeEntry(
                vuid,
                new UUID(random.nextLong(), random.nextLong()),
                name,
                NQN + name,
                1 + random.nextLong(1L << 44),
                new Scheme(1 << random.nextInt(4)),
                Tolerance.values()[random.nextInt(2)],
                VolumeState.values()[random.nextInt(2)],
                random.nextInt(1 << 24),
                paths.get(random.nextInt(paths.size())),
                paths,
                behind,
                random.nextInt(4) == 0 ? 512 : 4096,
                placing);
    }

    private static Placing randomPlacing(int slotCount, RandomGenerator random) {
        SlotList from = randomList(slotCount, random);
        SlotList to = randomList(slotCount, random);
        SortedSet<Integer> missed = new TreeSet<>();
        for (int slot = 0; slot < slotCount; slot++) {
            if (random.nextInt(4) == 0 && (from.contains(slot) || to.contains(slot))) {
                missed.add(slot);
            }
        }
        return new Placing(from, to, 0, from.equals(to) ? 0 : random.nextInt(100), missed);
    }

    private static SlotList randomList(int slotCount, RandomGenerator random) {
        int slots = random.nextInt(slotCount + 1);
        SortedSet<Integer> removed = new TreeSet<>();
        for (int slot = 0; slot < slots; slot++) {
            if (random.nextInt(4) == 0) {
                removed.add(slot);
            }
        }
        return new SlotList(slots, removed);
    }
}
