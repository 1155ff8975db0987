package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Five nodes with two devices each, of which the first of node 1 is lost. */
class RoomTest {
    private static final int NODES = 5;
    private static final long PAGES = 1_000_000;

    private static ClusterMap map() {
        List<NodeEntry> nodes = new ArrayList<>();
        List<DeviceSlot> slots = new ArrayList<>();
        for (int id = 1; id <= NODES; id++) {
            nodes.add(
                    new NodeEntry(id, "10.0.0." + id, 1, 3, 4, "", "", true, NodeState.ONLINE, 1));
            for (int i = 0; i < 2; i++) {
                slots.add(
                        new DeviceSlot(
                                slots.size(),
                                new UUID(id, i),
                                id,
                                1L << 37,
                                128,
                                DeviceState.ONLINE));
            }
        }
        VolumeEntry volume =
                new VolumeEntry(
                        1,
                        new UUID(9, 9),
                        "v",
                        "nqn.2026-01.io.stria:v",
                        1L << 41,
                        new Scheme(2),
                        Tolerance.NODE,
                        VolumeState.ONLINE,
                        1,
                        1,
                        List.of(1),
                        new TreeMap<>());
        ClusterMap whole =
                ClusterMap.initial(new UUID(1, 1), 8).next(nodes, slots, List.of(volume));
        return whole.withSlot(whole.slot(0).withState(DeviceState.FAILED));
    }

    /** Of all devices that are there. */
    private static Map<UUID, DeviceFill> fills(int percent) {
        Map<UUID, DeviceFill> fills = new HashMap<>();
        for (DeviceSlot slot : map().slots().subList(1, 2 * NODES)) {
            fills.put(
                    slot.deviceId(), new DeviceFill(slot.deviceId(), PAGES * percent / 100, PAGES));
        }
        return fills;
    }

    @Test
    void halfFullDevicesHaveRoom() {
        assertNull(Room.shortage(map(), fills(50)));
    }

    /** By weight each of nine would get a ninth; the other one of its node gets a third. */
    @Test
    void theOtherDeviceOfTheNodeTakesMoreThanItsWeight() {
        String shortage = Room.shortage(map(), fills(70));
        assertNotNull(shortage);
        assertTrue(shortage.contains("slot 1 would be 9"), shortage);
    }

    @Test
    void whatIsNotToldIsNotTakenForEmpty() {
        Map<UUID, DeviceFill> fills = fills(10);
        fills.remove(new UUID(4, 1));
        String shortage = Room.shortage(map(), fills);
        assertNotNull(shortage);
        assertTrue(shortage.contains("slot 7"), shortage);
    }

    @Test
    void emptyDevicesTakeAnything() {
        assertNull(Room.shortage(map(), fills(0)));
    }
}
