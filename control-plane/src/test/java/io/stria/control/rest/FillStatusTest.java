package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.UnplacedDevice;
import io.stria.control.lease.AwayDevice;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.LeaderView;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How full devices are, and which of them hold nothing; a chunk takes 128 KiB. */
class FillStatusTest {
    private static final long CHUNK = 128 << 10;
    private static final UUID LOST = new UUID(9, 0);
    private static final UUID FULL = new UUID(9, 1);
    private static final UUID HALF = new UUID(9, 2);
    private static final UUID AWAY = new UUID(9, 3);
    private static final UUID SPARE = new UUID(9, 4);

    private static final ClusterMap MAP =
            ClusterMap.initial(new UUID(5, 5), 8)
                    .next(
                            List.of(
                                    node(1, NodeState.ONLINE),
                                    node(2, NodeState.ONLINE),
                                    node(3, NodeState.OFFLINE),
                                    node(4, NodeState.ONLINE)),
                            List.of(
                                    slot(0, LOST, DeviceState.FAILED),
                                    slot(1, FULL, DeviceState.ONLINE),
                                    slot(2, HALF, DeviceState.DRAINING),
                                    slot(3, AWAY, DeviceState.UNAVAILABLE)),
                            List.of());

    private static NodeEntry node(int id, NodeState state) {
        return new NodeEntry(id, "127.0.0.1", 1, 2, id, "", "", true, state, 1);
    }

    private static DeviceSlot slot(int slot, UUID device, DeviceState state) {
        return new DeviceSlot(slot, device, 1, 1L << 40, 1024, state);
    }

    private static UnplacedDevice spare(int node, UUID id) {
        return new UnplacedDevice(node, new DeviceSpec(id, 1L << 40), "it waits");
    }

    private static LeaderView leader(List<UnplacedDevice> unplaced, DeviceFill... fills) {
        return new LeaderView(
                3, 1, 1, 1, List.of(), unplaced, 600, List.of(fills), List.of(), List.of());
    }

    private static ClusterViews views(List<UnplacedDevice> unplaced, DeviceFill... fills) {
        return new ClusterViews(MAP, leader(unplaced, fills), new MoveRates(), 0);
    }

    @Test
    void spaceIsOfDevicesThatAreInUse() {
        ClusterViews views =
                views(
                        List.of(spare(1, SPARE)),
                        new DeviceFill(LOST, 70, 100),
                        new DeviceFill(FULL, 60, 100),
                        new DeviceFill(HALF, 150, 300),
                        new DeviceFill(SPARE, 0, 1000));
        assertEquals(
                new ClusterJson.Space(210 * CHUNK, 400 * CHUNK, 60.0), views.cluster(1).space());
        assertEquals(
                List.of("70", "60", "150", "null", "0"),
                views.devices().stream()
                        .map(device ->
                                device.usedBytes() == null
                                        ? "null"
                                        : String.valueOf(device.usedBytes() / CHUNK))
                        .toList());
        assertEquals(100 * CHUNK, views.devices().get(1).usableBytes());
    }

    @Test
    void whileNobodyHasToldItNothingIsSaid() {
        assertNull(views(List.of()).cluster(1).space());
        ClusterViews leaderless = new ClusterViews(MAP, null, new MoveRates(), 0);
        assertNull(leaderless.cluster(1).space());
        assertNull(leaderless.devices().getFirst().usedBytes());
        assertEquals(List.of(), leaderless.cluster(1).notes());
    }

    @Test
    void aDeviceThatIsNearlyFullIsNamed() {
        assertEquals(
                List.of(
                        "device %s (slot 1, node 1) is 86 %% full: over 85 %% nothing is rebuilt on it unasked"
                                .formatted(FULL)),
                views(List.of(), new DeviceFill(FULL, 86, 100), new DeviceFill(HALF, 85, 100))
                        .cluster(1)
                        .notes());
    }

    /** A node that comes back after it was rebuilt: all is well, and its devices are of no use. */
    @Test
    void devicesWithoutASlotAreTold() {
        assertEquals(
                List.of(
                        "a device of nodes [1] without a slot: nothing is stored there, and the list of devices says why"),
                views(List.of(spare(1, SPARE))).cluster(1).notes());
        assertEquals(
                List.of(
                        "3 devices of nodes [2, 4] without a slot: nothing is stored there, and the list of devices says why"),
                views(
                                List.of(
                                        spare(4, new UUID(8, 1)),
                                        spare(2, new UUID(8, 2)),
                                        spare(4, new UUID(8, 3))))
                        .cluster(1)
                        .notes());
    }

    /** Its node has died, and its disk was put into another one. */
    @Test
    void aDeviceThatIsInAnotherNodeThanItsSlotIsAskedBackAndNotTakenForASpareOne() {
        ClusterViews views =
                views(
                        List.of(spare(4, AWAY)),
                        new DeviceFill(AWAY, 90, 100),
                        new DeviceFill(FULL, 60, 100));
        ClusterJson.Cluster cluster = views.cluster(1);
        assertEquals(List.of(), cluster.notes());
        assertTrue(
                cluster.problems()
                        .contains(
                                "device %s (slot 3, node 1) is unavailable. It is in node 4: put it back into node 1"
                                        .formatted(AWAY)),
                cluster.problems().toString());
        assertEquals(new ClusterJson.Space(60 * CHUNK, 100 * CHUNK, 60.0), cluster.space());
        assertNull(views.devices().get(3).usedBytes());
        assertEquals(90 * CHUNK, views.devices().get(4).usedBytes());
    }

    /** It stays in the list of devices for as long as the node is in the map. */
    @Test
    void aSpareDeviceOfANodeThatIsOffIsNotTold() {
        assertEquals(List.of(), views(List.of(spare(3, SPARE))).cluster(1).notes());
    }

    /** Its slot's state in the map stays what it is: its node has told the leader. */
    @Test
    void aDrainedDeviceThatIsPulledIsNamed() {
        LeaderView leader =
                new LeaderView(
                        3,
                        1,
                        1,
                        1,
                        List.of(),
                        List.of(),
                        600,
                        List.of(),
                        List.of(new AwayDevice(HALF, 7)),
                        List.of());
        ClusterJson.Cluster cluster = new ClusterViews(MAP, leader, new MoveRates(), 0).cluster(1);
        assertTrue(
                cluster.problems()
                        .contains(
                                "device %s (slot 2, node 1) is draining, and away, for 7 s: after 600 s what it holds is rebuilt elsewhere"
                                        .formatted(HALF)),
                cluster.problems().toString());
        assertEquals(1, cluster.devices().online());
    }
}
