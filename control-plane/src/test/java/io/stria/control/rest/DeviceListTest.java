package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.UnplacedDevice;
import io.stria.control.lease.LeaderView;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DeviceListTest {
    private static final UUID FIRST = new UUID(9, 1);
    private static final UUID SECOND = new UUID(9, 2);
    private static final long BYTES = 1L << 40;

    private static DeviceSlot slot(int slot, UUID device, DeviceState state) {
        return new DeviceSlot(slot, device, 1, BYTES, 1024, state);
    }

    /** Slots as {@code number state}, and what waits. */
    private static List<String> listed(List<UUID> unplaced, DeviceSlot... slots) {
        NodeEntry node = new NodeEntry(1, "127.0.0.1", 1, 2, 3, "", "", true, NodeState.ONLINE, 1);
        ClusterMap map =
                ClusterMap.initial(new UUID(5, 5), 8)
                        .next(List.of(node), List.of(slots), List.of());
        List<UnplacedDevice> waiting =
                unplaced.stream()
                        .map(id -> new UnplacedDevice(1, new DeviceSpec(id, BYTES), "test"))
                        .toList();
        LeaderView leader =
                new LeaderView(
                        3, 1, 1, 1, List.of(), waiting, 600, List.of(), List.of(), List.of());
        List<String> listed = new ArrayList<>();
        for (ClusterJson.Device device :
                new ClusterViews(map, leader, new MoveRates(), 0).devices()) {
            listed.add(device.slot() + " " + device.state());
        }
        return listed;
    }

    @Test
    void aDeviceThatWasAddedAgainIsListedWhereItIsAndNotWhereItWas() {
        assertEquals(
                List.of("1 online", "2 syncing"),
                listed(
                        List.of(),
                        slot(0, FIRST, DeviceState.REMOVED),
                        slot(1, SECOND, DeviceState.ONLINE),
                        slot(2, FIRST, DeviceState.SYNCING)));
    }

    /** Another one can take its place. */
    @Test
    void aTombstoneIsListedAsLongAsItsDeviceIsInNoOtherSlot() {
        assertEquals(
                List.of("0 removed", "1 online", "null unplaced"),
                listed(
                        List.of(FIRST),
                        slot(0, FIRST, DeviceState.REMOVED),
                        slot(1, SECOND, DeviceState.ONLINE)));
    }
}
