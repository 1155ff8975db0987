package io.stria.dataplane.node;

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
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.OwnerConfig;
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

/** What stands around node 1 of two in tests: nothing of it does anything. */
final class NodeStubs {
    private NodeStubs() {}

    /** Answers nothing. */
    static class Device implements StoreService {
        boolean serves;

        @Override
        public void submit(FragmentRequest request) {}

        @Override
        public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
            applied.run();
        }

        @Override
        public void leaseUntil(long deadlineNs) {
            serves = deadlineNs != 0;
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

    static class Proposals implements MapProposals {
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

    static class Hosts implements VolumeListener {
        @Override
        public void onVolume(VolumeEntry volume, BlockDevice device) {}

        @Override
        public void onServing(VolumeEntry volume, boolean serving) {}

        @Override
        public void onVolumeGone(VolumeEntry volume) {}

        @Override
        public void onMap(ClusterMap map) {}
    }

    static DataNode node(
            ManualClock clock,
            List<? extends StoreService> devices,
            MapProposals proposals,
            VolumeListener hosts) {
        Map<UUID, StoreService> stores = new LinkedHashMap<>();
        for (StoreService device : devices) {
            stores.put(new UUID(0, stores.size()), device);
        }
        return new DataNode(
                1,
                clock,
                stores,
                (peer, slot) -> {
                    throw new AssertionError("there are no peers");
                },
                new AtomicLong()::incrementAndGet,
                OwnerConfig.DEFAULT,
                proposals,
                hosts);
    }

    /**
     * One volume on devices of node 1.
     *
     * @param states of the devices, in the order of {@link #node}
     */
    static ClusterMap map(
            long epoch,
            List<DeviceState> states,
            int vuid,
            int volumeEpoch,
            int owner,
            List<Integer> paths) {
        List<DeviceSlot> slots = new ArrayList<>();
        for (DeviceState state : states) {
            int slot = slots.size();
            slots.add(new DeviceSlot(slot, new UUID(0, slot), 1, 1L << 30, 1, state));
        }
        VolumeEntry volume =
                new VolumeEntry(
                        vuid,
                        new UUID(1, 2),
                        "v",
                        "nqn.2026-11.io.stria:test:v",
                        1000L * BlockDevice.BLOCK_BYTES,
                        new Scheme(1),
                        Tolerance.DEVICE,
                        VolumeState.ONLINE,
                        volumeEpoch,
                        owner,
                        paths,
                        new TreeMap<>());
        return new ClusterMap(
                new UUID(5, 6), epoch, 8, List.of(entry(1), entry(2)), slots, List.of(volume));
    }

    private static NodeEntry entry(int id) {
        return new NodeEntry(id, "10.0.0." + id, 1, 2, 3, "", "", true, NodeState.ONLINE, 9);
    }
}
