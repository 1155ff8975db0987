package io.stria.dataplane.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceState;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.runtime.ManualClock;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A node that owns a volume on three devices of its own, which answer nothing. */
class StoppedNodeTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final ManualClock clock = new ManualClock(SECOND_NS);
    private final List<NodeStubs.Device> devices =
            List.of(new NodeStubs.Device(), new NodeStubs.Device(), new NodeStubs.Device());
    private final DataNode node =
            NodeStubs.node(clock, devices, new NodeStubs.Proposals(), new NodeStubs.Hosts());

    private static ClusterMap map(long epoch, int volumeEpoch, int owner, Integer... paths) {
        List<DeviceState> online = Collections.nCopies(3, DeviceState.ONLINE);
        return NodeStubs.map(epoch, online, 7, volumeEpoch, owner, List.of(paths));
    }

    private long leasedStores() {
        return devices.stream().filter(device -> device.serves).count();
    }

    /** The epochs of the owners here; each of them would count its versions from the first one. */
    private List<Integer> owners() {
        return List.copyOf(node.ofOwners(VolumeOwner::epoch).values());
    }

    private void serves(ClusterMap map) {
        node.onMap(map, () -> {});
        node.onInForce(map.epoch());
        node.leaseUntil(clock.nowNs() + SECOND_NS);
        node.poll(clock.nowNs());
    }

    /** What the control plane says goes on coming until the process ends. */
    @Test
    void whateverComesAfterItHasStoppedItServesNothing() {
        serves(map(3, 4, 1, 1));
        assertEquals(List.of(4), owners());
        assertEquals(3, leasedStores());
        node.stop();
        assertEquals(List.of(), owners());

        clock.advance(SECOND_NS / 2);
        node.leaseUntil(clock.nowNs() + 2 * SECOND_NS);
        node.poll(clock.nowNs());
        assertEquals(List.of(), owners(), "it would serve at the same epoch");
        assertEquals(0, leasedStores());

        node.onInForce(4);
        serves(map(4, 5, 1, 1));
        assertEquals(List.of(), owners());
        assertEquals(0, leasedStores());
        assertEquals(Map.of(), node.serving());
    }

    @Test
    void anOwnerOutlivesALeaseAndGoesOnCountingWhenThereIsAnother() {
        serves(map(3, 4, 1, 1));
        List<VolumeOwner> before = List.copyOf(node.ofOwners(owner -> owner).values());
        clock.advance(10 * SECOND_NS);
        node.poll(clock.nowNs());
        node.leaseUntil(0);
        node.onInForce(3);
        node.leaseUntil(clock.nowNs() + SECOND_NS);
        assertEquals(before, List.copyOf(node.ofOwners(owner -> owner).values()));
    }

    /** No decision makes such maps: if one ever did, nothing would be lost. */
    @Test
    void noTwoOwnersBeginAtOneEpochAlsoIfTheVolumeWasPresentedElsewhereMeanwhile() {
        serves(map(3, 4, 1, 1));
        serves(map(4, 4, 2, 2));
        assertEquals(List.of(), owners());
        assertThrows(IllegalStateException.class, () -> serves(map(5, 4, 1, 1)));
        assertEquals(List.of(), owners());
    }

    @Test
    void aVolumeThatComesBackAtANewEpochIsServed() {
        serves(map(3, 4, 1, 1));
        serves(map(4, 5, 2, 2, 1));
        assertEquals(List.of(), owners());
        serves(map(5, 6, 1, 2, 1));
        assertEquals(List.of(6), owners());
    }
}
