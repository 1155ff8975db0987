package io.stria.node;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.node.VolumeListener;
import io.stria.nvme.AnaState;
import io.stria.nvmf.DiscoveryPath;
import io.stria.nvmf.DiscoverySource;
import io.stria.nvmf.DiscoverySubsystem;
import io.stria.nvmf.HostIdentity;
import io.stria.nvmf.IoCounters;
import io.stria.nvmf.NvmfTarget;
import io.stria.nvmf.SubsystemIdentity;
import io.stria.nvmf.TargetCounters;
import io.stria.nvmf.VolumeSubsystem;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Presents the volumes of the map to hosts: a subsystem each, and the discovery of all paths. On
 * the reactor.
 */
final class TargetVolumes implements VolumeListener, DiscoverySource {
    private static final String FIRMWARE = "1";

    private final NvmfTarget target;
    private final int pageShift;
    private final DiscoverySubsystem discovery = new DiscoverySubsystem(this, FIRMWARE);
    private final Map<Integer, VolumeSubsystem> subsystems = new HashMap<>();

    /** For other threads: replaced whole when volumes come or go. */
    private volatile Map<String, IoCounters> counters = Map.of();

    private List<DiscoveryPath> paths = List.of();
    private List<DiscoveryPath> ports = List.of();

    /**
     * The epoch that last changed them as far as this node has seen: no number stands for two
     * different sets of paths, whichever node is asked, and however often nodes are restarted.
     */
    private long generation;

    /**
     * @param pageShift of the cluster
     */
    TargetVolumes(NvmfTarget target, int pageShift) {
        this.target = target;
        this.pageShift = pageShift;
        target.add(discovery);
    }

    /** Of the volumes presented here, by name; for any thread. */
    Map<String, IoCounters> counters() {
        return counters;
    }

    TargetCounters targetCounters() {
        return target.counters();
    }

    @Override
    public void onVolume(VolumeEntry volume, BlockDevice device) {
        VolumeSubsystem subsystem =
                new VolumeSubsystem(
                        SubsystemIdentity.of(volume.nqn(), volume.id(), FIRMWARE),
                        device.blocks(),
                        volume.lbaBytes());
        subsystem.setDevice(device);
        subsystem.setPageBlocks(pageBlocks(volume));
        subsystems.put(volume.vuid(), subsystem);
        Map<String, IoCounters> more = new TreeMap<>(counters);
        more.put(volume.name(), subsystem.counters());
        counters = Collections.unmodifiableMap(more);
        target.add(subsystem);
    }

    private int pageBlocks(VolumeEntry volume) {
        int chunkBytes = 512 << pageShift;
        return volume.scheme().dataFragments() * chunkBytes / BlockDevice.BLOCK_BYTES;
    }

    @Override
    public void onServing(VolumeEntry volume, boolean serving) {
        VolumeSubsystem subsystem = subsystems.get(volume.vuid());
        if (subsystem != null) {
            subsystem.setAnaState(serving ? AnaState.OPTIMIZED : AnaState.INACCESSIBLE);
        }
    }

    @Override
    public void onVolumeGone(VolumeEntry volume) {
        VolumeSubsystem subsystem = subsystems.remove(volume.vuid());
        if (subsystem != null) {
            Map<String, IoCounters> fewer = new TreeMap<>(counters);
            fewer.remove(volume.name(), subsystem.counters());
            counters = Collections.unmodifiableMap(fewer);
            target.remove(subsystem);
        }
    }

    @Override
    public void onMap(ClusterMap map) {
        List<DiscoveryPath> now = new ArrayList<>();
        for (VolumeEntry volume : map.volumes()) {
            if (volume.state() == VolumeState.ONLINE) {
                for (int nodeId : volume.paths()) {
                    map.node(nodeId).ifPresent(node -> now.add(path(volume.nqn(), node)));
                }
            }
        }
        List<DiscoveryPath> services =
                map.members().stream().map(node -> path(DiscoverySubsystem.NQN, node)).toList();
        if (!now.equals(paths) || !services.equals(ports)) {
            paths = List.copyOf(now);
            ports = services;
            generation = map.epoch();
            discovery.onPathsChanged();
        }
    }

    private static DiscoveryPath path(String nqn, NodeEntry node) {
        // A literal address: no name is looked up.
        return new DiscoveryPath(
                nqn, new InetSocketAddress(node.address(), node.dataPort()), node.id());
    }

    @Override
    public long generation() {
        return generation;
    }

    @Override
    public List<DiscoveryPath> paths(HostIdentity host) {
        return paths;
    }

    @Override
    public List<DiscoveryPath> ports() {
        return ports;
    }
}
