package io.stria.systemtests.solo;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.volume.MapProposals;
import io.stria.node.DataPlane;
import io.stria.node.NodeConfig;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.ClusterPlan;
import io.stria.node.cluster.DeviceKind;
import io.stria.node.cluster.EngineKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The data plane of one node with a map that never changes and a lease that never ends: one volume
 * on the node's own devices. Arguments: directory, address, port, scheme, size of the volume in
 * MiB, engine, bytes of a logical block.
 */
public final class SoloNode implements MapProposals {
    public static final String NQN = "nqn.2026-11.io.stria:solo";
    private static final int DEVICES = 4;
    private static final long DEVICE_BYTES = 4L << 30;
    private static final long LEASE_NS = 24L * 3_600_000_000_000L;

    private SoloNode() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        if (!Files.exists(directory.resolve("cluster.json"))) {
            new ClusterMaker(new ClusterDirectory(directory))
                    .make(
                            new ClusterPlan(
                                    1,
                                    DEVICES,
                                    DEVICE_BYTES,
                                    args[1],
                                    Integer.parseInt(args[2]),
                                    Scheme.parse(args[3]),
                                    Tolerance.DEVICE,
                                    EngineKind.parse(args[5]),
                                    DeviceKind.FILE,
                                    List.of()));
        }
        NodeConfig config = NodeConfig.read(directory, 1, 0);
        DataPlane plane = new DataPlane(config, new SoloNode());
        plane.start();
        Runtime.getRuntime().addShutdownHook(new Thread(plane::close));
        long epoch =
                System.currentTimeMillis() / 1000
                        & 0xFFFFFF; // each start of an owner has a higher one
        plane.apply(
                map(
                        config,
                        Scheme.parse(args[3]),
                        Long.parseLong(args[4]) << 20,
                        (int) epoch,
                        Integer.parseInt(args[6])),
                () -> {});
        plane.inForce(epoch);
        plane.leaseUntil(plane.nowNs() + LEASE_NS);
        System.out.println("listening");
    }

    private static ClusterMap map(
            NodeConfig config, Scheme scheme, long bytes, int epoch, int lbaBytes) {
        ClusterNode node = config.node();
        NodeEntry entry =
                new NodeEntry(
                        node.id(),
                        node.address(),
                        node.dataPort(),
                        node.apiPort(),
                        node.consensusPort(),
                        "",
                        "",
                        true,
                        NodeState.ONLINE,
                        1);
        List<DeviceSlot> slots = new ArrayList<>();
        for (ClusterDevice device : node.devices()) {
            slots.add(
                    new DeviceSlot(
                            slots.size(),
                            device.id(),
                            node.id(),
                            device.sizeBytes(),
                            1,
                            DeviceState.ONLINE));
        }
        VolumeEntry volume =
                new VolumeEntry(
                        1,
                        new UUID(0x5374726961L, 1),
                        "solo",
                        NQN,
                        bytes,
                        scheme,
                        Tolerance.DEVICE,
                        VolumeState.ONLINE,
                        epoch,
                        node.id(),
                        List.of(node.id()),
                        new TreeMap<>(),
                        lbaBytes);
        return new ClusterMap(
                config.cluster().clusterId(),
                epoch,
                config.cluster().pageShift(),
                List.of(entry),
                slots,
                List.of(volume));
    }

    @Override
    public void markBehind(int vuid, int epoch, int slot, String reason) {
        System.out.println("slot " + slot + " would be behind: " + reason);
    }

    @Override
    public void markInSync(int vuid, int epoch, int slot, long markEpoch) {}

    @Override
    public void deviceDown(UUID deviceId, String reason) {}

    @Override
    public void movePages(
            int vuid, int epoch, long since, long from, long to, SortedSet<Integer> without) {}

    @Override
    public void cutOff(int vuid, int epoch) {}

    @Override
    public void takeVolume(int vuid, int epoch) {}

    @Override
    public void serving(int vuid, int epoch) {
        System.out.println("serving at epoch " + epoch);
    }
}
