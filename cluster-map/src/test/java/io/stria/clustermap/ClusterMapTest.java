package io.stria.clustermap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ClusterMapTest {
    private final ClusterMap map = SampleMaps.everything();
    private final VolumeEntry volume = map.volume(0x42).orElseThrow();

    @Test
    void entriesAreFoundByTheirIds() {
        for (NodeEntry node : map.nodes()) {
            assertEquals(node, map.node(node.id()).orElseThrow());
        }
        for (VolumeEntry entry : map.volumes()) {
            assertEquals(entry, map.volume(entry.vuid()).orElseThrow());
            assertEquals(entry, map.volumeByName(entry.name()).orElseThrow());
        }
        assertEquals(7, map.nodeOf(map.slot(4)).id());
        assertFalse(map.node(3).isPresent());
        assertFalse(map.volume(1).isPresent());
        assertFalse(map.volumeByName("nobody").isPresent());
    }

    @Test
    void aNodeIsNeededForItsVoteItsSlotsAndThePathsThroughIt() {
        NodeEntry node = new NodeEntry(9, "10.0.0.9", 1, 2, 3, "", "", false, NodeState.OFFLINE, 1);
        ClusterMap with = map.withNode(node);
        assertFalse(with.needs(node));
        DeviceSlot slot = new DeviceSlot(6, new UUID(6, 6), 9, 1 << 30, 1, DeviceState.UNAVAILABLE);
        assertTrue(with.withSlot(slot).needs(node));
        assertFalse(with.withSlot(slot.withState(DeviceState.REMOVED)).needs(node));
        VolumeEntry through =
                new VolumeEntry(
                        0x43,
                        new UUID(4, 4),
                        "new",
                        volume.nqn() + "-new",
                        4096,
                        new Scheme(2),
                        Tolerance.DEVICE,
                        VolumeState.ONLINE,
                        1,
                        1,
                        List.of(1, 9),
                        new TreeMap<>());
        assertTrue(with.withVolume(through).needs(node));
        NodeEntry voter = new NodeEntry(9, "10.0.0.9", 1, 2, 3, "", "", true, NodeState.OFFLINE, 1);
        assertTrue(map.withNode(voter).needs(voter));
    }

    @Test
    void nothingRestsOnANodeThatWasRemoved() {
        NodeEntry gone = node(9).withState(NodeState.REMOVED, 3);
        ClusterMap without = map.withNode(gone);
        assertEquals(map.nodes(), without.members());
        assertEquals(4, without.nodes().size());
        assertTrue(without.isRemoved(9));
        assertFalse(without.isRemoved(2));
        assertFalse(without.isRemoved(8));
        DeviceSlot tombstone = new DeviceSlot(6, id(), 9, 1, 1, DeviceState.REMOVED);
        assertEquals(gone, without.withSlot(tombstone).nodeOf(tombstone));
        refused(
                "slot 6 rests on node 9, which was removed",
                () -> without.withSlot(tombstone.withState(DeviceState.UNAVAILABLE)));
        refused(
                "volume data base rests on node 9, which was removed",
                () -> without.withVolume(volume.withPaths(List.of(2, 9))));
        refused(
                "node 2 was removed, and is a voter",
                () -> map.withNode(map.node(2).orElseThrow().withState(NodeState.REMOVED, 3)));
    }

    @Test
    void everyChangeIsTheNextEpoch() {
        assertEquals(42, map.withNode(map.nodes().getFirst()).epoch());
        assertEquals(42, map.withSlot(map.slot(0)).epoch());
        assertEquals(42, map.withVolume(volume).epoch());
        assertEquals(42, map.withoutVolume(0).epoch());
        assertEquals(42, map.next(map.nodes(), map.slots(), List.of()).epoch());
        assertEquals(0, ClusterMap.initial(SampleMaps.CLUSTER, 8).epoch());
    }

    @Test
    void anEntryIsAddedInItsPlaceOrReplaced() {
        NodeEntry five = map.withNode(node(5)).node(5).orElseThrow();
        assertEquals(node(5), five);
        assertEquals(
                List.of(1, 2, 5, 7),
                map.withNode(five).nodes().stream().map(NodeEntry::id).toList());
        assertEquals(3, map.withNode(node(2)).nodes().size());
        assertEquals(18, map.withVolume(volume.withOwner(1)).volume(0x42).orElseThrow().epoch());
    }

    @Test
    void aMapDoesNotChangeWithTheListsItWasMadeFrom() {
        List<NodeEntry> nodes = new ArrayList<>(map.nodes());
        TreeMap<Integer, Long> behind = new TreeMap<>(Comparator.reverseOrder());
        behind.putAll(Map.of(0, 5L, 3, 9L));
        VolumeEntry changed = volume.withBehind(behind);
        ClusterMap made = map.next(nodes, map.slots(), List.of(changed));
        nodes.clear();
        behind.clear();
        assertEquals(3, made.nodes().size());
        assertEquals(List.of(0, 3), List.copyOf(changed.behind().keySet()));
        assertThrows(UnsupportedOperationException.class, () -> changed.behind().clear());
        assertThrows(UnsupportedOperationException.class, () -> made.slots().clear());
    }

    @Test
    void pagesAreCountedUpToTheLastPart() {
        assertEquals((1L << 40) / (4 * 131072), volume.pages(8));
        assertEquals(1, map.volume(0).orElseThrow().pages(8));
        assertEquals(1, map.volume(0).orElseThrow().pages(12));
    }

    @Test
    void aMapThatContradictsItselfIsRefused() {
        refused("slot 1 stands at position 0", () -> map.withSlots(map.slots().subList(1, 3)));
        refused("node 7, which is not in the map", () -> map.withNodes(map.nodes().subList(0, 2)));
        refused("not in ascending order: 2 follows 7", () -> map.withNodes(map.nodes().reversed()));
        refused("not in ascending order", () -> map.withVolumes(List.of(volume, volume)));
        refused("the name of volume", () -> map.withVolume(copy(1, id(), volume.name(), "q")));
        refused("the NQN of volume", () -> map.withVolume(copy(1, id(), "n", volume.nqn())));
        refused("the id of volume", () -> map.withVolume(copy(1, volume.id(), "n", "q")));
        refused(
                "slot 6, which is not there",
                () -> map.withVolume(volume.withBehind(new TreeMap<>(Map.of(6, 1L)))));
        refused(
                "volume data base names node 3",
                () -> map.withVolume(volume.withPaths(List.of(2, 3))));
        refused(
                "is in two slots",
                () ->
                        map.withSlot(
                                new DeviceSlot(
                                        6, map.slot(0).deviceId(), 1, 1, 1, DeviceState.ONLINE)));
    }

    @Test
    void aRemovedDeviceMayComeBackInAnotherSlot() {
        DeviceSlot again = new DeviceSlot(6, map.slot(5).deviceId(), 1, 1, 1, DeviceState.ONLINE);
        assertEquals(again, map.withSlot(again).slot(6));
    }

    @Test
    void anEntryOutOfBoundsIsRefused() {
        refused("weight of slot 0 is 0", () -> weighing(0));
        refused("weight of slot 0", () -> weighing(DeviceSlot.WEIGHT_MAX + 1));
        refused("node id is 0", () -> node(0));
        refused("VUID is 16777216", () -> copy(1 << 24, id(), "n", "q"));
        refused("name of volume 1 has 0 bytes", () -> copy(1, id(), "", "q"));
        refused("NQN of volume n has 224 bytes", () -> copy(1, id(), "n", "q".repeat(224)));
        refused("control characters", () -> copy(1, id(), "two\nlines", "q"));
        refused("not Unicode text", () -> copy(1, id(), "half \ud800", "q"));
        refused("not one of its paths", () -> volume.withPaths(List.of(1)));
        refused("lists a node twice", () -> volume.withPaths(List.of(2, 2)));
        refused(
                "mark of a slot behind of volume data base is -1",
                () -> volume.withBehind(new TreeMap<>(Map.of(0, -1L))));
        refused("epoch of volume", () -> map.volume(0xffffff).orElseThrow().withOwner(7));
        refused("page shift is 7", () -> ClusterMap.initial(SampleMaps.CLUSTER, 7));
    }

    @Test
    void aVolumeFitsTheAddressOfItsVuid() {
        // 1+2: three chunks for each chunk of data, so a third of 2^48 bytes.
        long pages = (1L << 39) / (3 << 8);
        ClusterMap full = map.withVolume(ofSize(pages * 131072));
        assertEquals(pages, full.volume(1).orElseThrow().pages(8));
        refused(
                "39 bits of address a VUID has hold %d with 1+2".formatted(pages * 131072),
                () -> map.withVolume(ofSize(pages * 131072 + 1)));
    }

    private static void refused(String reason, Executable change) {
        String message =
                String.valueOf(assertThrows(IllegalArgumentException.class, change).getMessage());
        assertTrue(message.contains(reason), message);
    }

    private static DeviceSlot weighing(long weight) {
        return new DeviceSlot(0, id(), 1, 1, weight, DeviceState.ONLINE);
    }

    private static NodeEntry node(int id) {
        return new NodeEntry(id, "10.0.0.5", 1, 2, 3, "", "", false, NodeState.ONLINE, 0);
    }

    private static UUID id() {
        return new UUID(1, 2);
    }

    private VolumeEntry ofSize(long sizeBytes) {
        return copy(1, id(), "n", "q", sizeBytes);
    }

    private VolumeEntry copy(int vuid, UUID id, String name, String nqn) {
        return copy(vuid, id, name, nqn, 4096);
    }

    private VolumeEntry copy(int vuid, UUID id, String name, String nqn, long sizeBytes) {
        return new VolumeEntry(
                vuid,
                id,
                name,
                nqn,
                sizeBytes,
                new Scheme(1),
                Tolerance.DEVICE,
                VolumeState.ONLINE,
                0,
                1,
                List.of(1),
                new TreeMap<>());
    }
}
