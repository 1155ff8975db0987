package io.stria.clustermap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bound of each entry on its own, so that none can be forgotten unseen. */
class EntryBoundsTest {
    private static final String LONG = "x".repeat(256);

    @Test
    void everyFieldOfANodeHasItsBounds() {
        refused("node id is 0", () -> node(0, "a", 1, 1, 1, "", ""));
        refused("address of node 1 has 0 bytes", () -> node(1, "", 1, 1, 1, "", ""));
        refused("address of node 1 has 256 bytes", () -> node(1, LONG, 1, 1, 1, "", ""));
        refused("zone of node 1 has 256 bytes", () -> node(1, "a", 1, 1, 1, LONG, ""));
        refused("rack of node 1 has 256 bytes", () -> node(1, "a", 1, 1, 1, "", LONG));
        refused("data port of node 1 is 65536", () -> node(1, "a", 65536, 1, 1, "", ""));
        refused("API port of node 1 is -1", () -> node(1, "a", 1, -1, 1, "", ""));
        refused("consensus port of node 1 is 65536", () -> node(1, "a", 1, 1, 65536, "", ""));
        NodeEntry most = node(Integer.MAX_VALUE, LONG.substring(1), 65535, 0, 65535, "", "");
        assertEquals(65535, most.consensusPort());
    }

    @Test
    void everyFieldOfASlotHasItsBounds() {
        refused("slot is -1", () -> slot(-1, 1, 1));
        refused("slot is 65536", () -> slot(DeviceSlot.SLOTS_MAX, 1, 1));
        refused("node of slot 2 is 0", () -> slot(2, 0, 1));
        refused("size of slot 2 is -1", () -> slot(2, 1, -1));
        assertEquals(65535, slot(DeviceSlot.SLOTS_MAX - 1, 1, 0).slot());
    }

    @Test
    void theEpochsOfMapsAndVolumesHaveTheirBounds() {
        refused("epoch is -1", () -> map(-1));
        assertEquals(Long.MAX_VALUE, map(Long.MAX_VALUE).epoch());
        VolumeEntry volume = SampleMaps.everything().volume(0x42).orElseThrow();
        VolumeEntry last = volume(volume, 1, VolumeEntry.EPOCH_MAX);
        refused("epoch of volume data base is 16777216", () -> last.withOwner(2));
        refused("size of volume data base is 0", () -> volume(volume, 0, 1));
        refused("epoch of volume data base is -1", () -> volume(volume, 1, -1));
    }

    @Test
    void aSlotOfANodeThatIsNotThereIsRefusedWithoutVolumes() {
        ClusterMap map = SampleMaps.everything();
        refused(
                "slot 0 names node 1, which is not in the map",
                () -> map.next(List.of(), map.slots().subList(0, 1), List.of()));
    }

    @Test
    void anEntryIsTheSameButForItsState() {
        ClusterMap map = SampleMaps.everything();
        NodeEntry node = map.node(1).orElseThrow();
        NodeEntry offline = node.withState(NodeState.OFFLINE, 9);
        assertEquals(NodeState.OFFLINE, offline.state());
        assertEquals(9, offline.incarnation());
        assertEquals(node, offline.withState(node.state(), node.incarnation()));
        VolumeEntry volume = map.volume(0x42).orElseThrow();
        for (VolumeState state : VolumeState.values()) {
            VolumeEntry changed = volume.withState(state);
            assertEquals(state, changed.state());
            assertEquals(volume, changed.withState(volume.state()));
        }
    }

    @Test
    void thePortForPeersIsTheOneAfterThatForHosts() {
        assertEquals(4421, SampleMaps.everything().node(1).orElseThrow().peerPort());
    }

    @Test
    void aVolumeIsTakenOutAndTheOthersStay() {
        ClusterMap map = SampleMaps.everything();
        ClusterMap without = map.withoutVolume(0x42);
        assertTrue(without.volume(0x42).isEmpty());
        assertEquals(map.volumes().size() - 1, without.volumes().size());
        assertEquals(map.volumes(), map.withoutVolume(1).volumes());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void aSchemeIsReadAsItIsWritten(int n) {
        Scheme scheme = new Scheme(n);
        assertEquals(scheme, Scheme.parse(scheme.toString()));
        assertEquals(n + "+2", scheme.toString());
        assertEquals(4096, scheme.fragmentBytes() * n);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3+2", "8", "8+1", "8+2 ", "16+2", "4-2"})
    void anythingElseIsNoScheme(String text) {
        refused("unknown scheme '" + text + "'", () -> Scheme.parse(text));
    }

    private static NodeEntry node(
            int id, String address, int data, int api, int consensus, String zone, String rack) {
        return new NodeEntry(
                id, address, data, api, consensus, zone, rack, false, NodeState.ONLINE, 0);
    }

    private static DeviceSlot slot(int slot, int node, long sizeBytes) {
        return new DeviceSlot(slot, new UUID(1, 1), node, sizeBytes, 1, DeviceState.ONLINE);
    }

    private static ClusterMap map(long epoch) {
        return new ClusterMap(SampleMaps.CLUSTER, epoch, 8, List.of(), List.of(), List.of());
    }

    private static VolumeEntry volume(VolumeEntry like, long sizeBytes, int epoch) {
        return new VolumeEntry(
                like.vuid(),
                like.id(),
                like.name(),
                like.nqn(),
                sizeBytes,
                like.scheme(),
                like.tolerance(),
                like.state(),
                epoch,
                like.owner(),
                like.paths(),
                like.behind());
    }

    private static void refused(String reason, Executable change) {
        String message = assertThrows(IllegalArgumentException.class, change).getMessage();
        assertTrue(message.contains(reason), message);
    }
}
