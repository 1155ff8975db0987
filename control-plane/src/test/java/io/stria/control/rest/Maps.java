package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.IntStream;

/** Maps of one node with four devices. */
final class Maps {
    private Maps() {}

    /** With one volume, on all four devices. */
    static ClusterMap of(VolumeState state, SortedMap<Integer, Long> behind) {
        return of(
                new VolumeEntry(
                        1,
                        new UUID(8, 8),
                        "demo",
                        "nqn.2026-11.io.stria:demo",
                        1 << 30,
                        new Scheme(2),
                        Tolerance.DEVICE,
                        state,
                        1,
                        1,
                        List.of(1),
                        behind));
    }

    static ClusterMap of(VolumeEntry volume) {
        NodeEntry node = new NodeEntry(1, "127.0.0.1", 1, 2, 3, "", "", true, NodeState.ONLINE, 1);
        List<DeviceSlot> slots =
                IntStream.range(0, 4)
                        .mapToObj(i ->
                                new DeviceSlot(
                                        i, new UUID(9, i), 1, 1L << 40, 1024, DeviceState.ONLINE))
                        .toList();
        return ClusterMap.initial(new UUID(5, 5), 8).next(List.of(node), slots, List.of(volume));
    }
}
