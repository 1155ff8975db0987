package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.nvmf.ControllerIds;
import io.stria.nvmf.DiscoverySubsystem;
import io.stria.nvmf.HostIdentity;
import io.stria.nvmf.NvmfTarget;
import io.stria.nvmf.TargetConfig;
import io.stria.runtime.Memory;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What hosts are told of the map's volumes and nodes. */
class TargetVolumesTest {
    private static final HostIdentity HOST = new HostIdentity("nqn.host", "0".repeat(32));

    private final TargetVolumes volumes = start();

    private static TargetVolumes start() {
        SimulatedEngine node =
                new SimulatedNetwork(new Simulation(1)).addHost("node", "10.0.0.1").start();
        InetSocketAddress address = new InetSocketAddress("10.0.0.1", 4420);
        NvmfTarget target =
                new NvmfTarget(
                        node,
                        node.timers(),
                        new Memory(),
                        TargetConfig.of(address, ControllerIds.ofNode(1, 1)));
        return new TargetVolumes(target, ClusterMap.PAGE_SHIFT_MIN);
    }

    private static ClusterMap map(long epoch, int nodes, String... names) {
        List<NodeEntry> entries = new ArrayList<>();
        List<Integer> paths = new ArrayList<>();
        for (int id = 1; id <= nodes; id++) {
            paths.add(id);
            entries.add(
                    new NodeEntry(
                            id, "10.0.0." + id, 4420, 2, 3, "", "", true, NodeState.ONLINE, epoch));
        }
        List<VolumeEntry> all = new ArrayList<>();
        for (String name : names) {
            all.add(
                    new VolumeEntry(
                            all.size() + 1,
                            new UUID(1, all.size()),
                            name,
                            "nqn." + name,
                            4096,
                            new Scheme(1),
                            Tolerance.DEVICE,
                            VolumeState.ONLINE,
                            1,
                            1,
                            paths,
                            new TreeMap<>()));
        }
        return new ClusterMap(
                new UUID(9, 9), epoch, ClusterMap.PAGE_SHIFT_MIN, entries, List.of(), all);
    }

    @Test
    void discoveryNamesEveryPathOfEveryVolumeAndItselfOnEveryNode() {
        volumes.onMap(map(7, 3, "a", "b"));
        assertEquals(6, volumes.paths(HOST).size());
        assertEquals("nqn.b", volumes.paths(HOST).get(5).nqn());
        assertEquals(new InetSocketAddress("10.0.0.3", 4420), volumes.paths(HOST).get(5).address());
        assertEquals(3, volumes.ports().size());
        assertEquals(DiscoverySubsystem.NQN, volumes.ports().getFirst().nqn());
    }

    @Test
    void discoveryIsNotOfferedAtANodeThatWasRemoved() {
        ClusterMap made = map(7, 3, "a");
        NodeEntry gone =
                new NodeEntry(4, "10.0.0.4", 4420, 2, 3, "", "", false, NodeState.OFFLINE, 7);
        volumes.onMap(made.withNode(gone));
        assertEquals(4, volumes.ports().size());
        volumes.onMap(made.withNode(gone.withState(NodeState.REMOVED, 7)));
        assertEquals(3, volumes.ports().size());
    }

    @Test
    void hostsAreToldToReadAgainWhenAVolumeGetsAnotherPath() {
        ClusterMap made = map(7, 5, "a");
        VolumeEntry volume = made.volumes().getFirst();
        ClusterMap before = made.withVolume(volume.withPaths(List.of(1, 2, 3)));
        volumes.onMap(before);
        assertEquals(8, volumes.generation());
        volumes.onMap(before.withVolume(volume.withPaths(List.of(1, 3, 5))));
        assertEquals(9, volumes.generation());
        assertEquals(
                List.of("/10.0.0.1", "/10.0.0.3", "/10.0.0.5"),
                volumes.paths(HOST).stream()
                        .map(path -> path.address().getAddress().toString())
                        .toList());
    }

    @Test
    void theGenerationIsTheEpochThatLastChangedAPath() {
        volumes.onMap(map(7, 3, "a"));
        assertEquals(7, volumes.generation());
        volumes.onMap(map(8, 3, "a"));
        assertEquals(7, volumes.generation(), "hosts need not read it again");
        volumes.onMap(map(12, 3, "a", "b"));
        assertEquals(12, volumes.generation());
        TargetVolumes restarted = start();
        restarted.onMap(map(12, 3, "a", "b"));
        assertEquals(12, restarted.generation(), "a node that starts anew counts on");
    }
}
