package io.stria.dataplane.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.peer.RemoteStore;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.runtime.ManualClock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A node that owns a volume on three devices of its own, which answer nothing. */
class StoppedNodeTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final ManualClock clock = new ManualClock(SECOND_NS);
    private final Map<UUID, StoreService> stores = new LinkedHashMap<>();
    private final DataNode node;
    private int leasedStores;

    private final class Device implements StoreService {
        private boolean leased;

        @Override
        public void submit(FragmentRequest request) {}

        @Override
        public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
            applied.run();
        }

        @Override
        public void leaseUntil(long deadlineNs) {
            leasedStores -= leased ? 1 : 0;
            leased = deadlineNs != 0;
            leasedStores += leased ? 1 : 0;
        }

        @Override
        public @Nullable String failure() {
            return null;
        }

        @Override
        public boolean isIdle() {
            return true;
        }

        @Override
        public void retainVolumes(IntPredicate exists) {}

        @Override
        public int poll(long nowNs) {
            return 0;
        }
    }

    private static final class NoProposals implements MapProposals {
        @Override
        public void deviceDown(UUID deviceId, String reason) {}

        @Override
        public void markBehind(int vuid, int epoch, int slot, String reason) {}

        @Override
        public void markInSync(int vuid, int epoch, int slot, long markEpoch) {}

        @Override
        public void movePages(
                int vuid, int epoch, long since, long from, long to, SortedSet<Integer> without) {}

        @Override
        public void cutOff(int vuid, int epoch) {}

        @Override
        public void takeVolume(int vuid, int epoch) {}

        @Override
        public void serving(int vuid, int epoch) {}
    }

    private static final class NoHosts implements VolumeListener {
        @Override
        public void onVolume(VolumeEntry volume, BlockDevice device) {}

        @Override
        public void onServing(VolumeEntry volume, boolean serving) {}

        @Override
        public void onVolumeGone(VolumeEntry volume) {}

        @Override
        public void onMap(ClusterMap map) {}
    }

    StoppedNodeTest() {
        for (int i = 0; i < 3; i++) {
            stores.put(new UUID(0, i), new Device());
        }
        node =
                new DataNode(
                        1,
                        clock,
                        stores,
                        StoppedNodeTest::noPeer,
                        new AtomicLong()::incrementAndGet,
                        OwnerConfig.DEFAULT,
                        new NoProposals(),
                        new NoHosts());
    }

    private static RemoteStore noPeer(NodeEntry peer, DeviceSlot slot) {
        throw new AssertionError("there are no peers");
    }

    private static ClusterMap map(long epoch, int volumeEpoch, int owner, Integer... paths) {
        List<DeviceSlot> slots = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            slots.add(new DeviceSlot(i, new UUID(0, i), 1, 1L << 30, 1, DeviceState.ONLINE));
        }
        List<NodeEntry> nodes = new ArrayList<>();
        for (int id = 1; id <= 2; id++) {
            nodes.add(
                    new NodeEntry(id, "10.0.0." + id, 1, 2, 3, "", "", true, NodeState.ONLINE, 9));
        }
        VolumeEntry volume =
                new VolumeEntry(
                        7,
                        new UUID(1, 2),
                        "v",
                        "nqn.2026-11.io.stria:test:v",
                        1000L * BlockDevice.BLOCK_BYTES,
                        new Scheme(1),
                        Tolerance.DEVICE,
                        VolumeState.ONLINE,
                        volumeEpoch,
                        owner,
                        List.of(paths),
                        new TreeMap<>());
        return new ClusterMap(new UUID(5, 6), epoch, 8, nodes, slots, List.of(volume));
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
        assertEquals(3, leasedStores);
        node.stop();
        assertEquals(List.of(), owners());

        clock.advance(SECOND_NS / 2);
        node.leaseUntil(clock.nowNs() + 2 * SECOND_NS);
        node.poll(clock.nowNs());
        assertEquals(List.of(), owners(), "it would serve at the same epoch");
        assertEquals(0, leasedStores);

        node.onInForce(4);
        serves(map(4, 5, 1, 1));
        assertEquals(List.of(), owners());
        assertEquals(0, leasedStores);
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
