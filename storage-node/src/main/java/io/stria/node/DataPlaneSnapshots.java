package io.stria.node;

import io.stria.clustermap.ClusterMap;
import io.stria.control.lease.DeviceFill;
import io.stria.dataplane.node.DataNode;
import io.stria.dataplane.peer.PeerCounters;
import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.StoreStats;
import io.stria.dataplane.volume.HedgeFigures;
import io.stria.dataplane.volume.ScrubFigures;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.node.metrics.DataPlaneFigures;
import io.stria.node.metrics.DeviceFigures;
import io.stria.node.metrics.MovementFigures;
import io.stria.nvmf.IoCounters;
import io.stria.nvmf.TargetCounters;
import io.stria.runtime.ReactorCounters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What other threads see of a node's data plane. The reactor takes it from time to time; any thread
 * may read it, and what it gets never changes.
 */
final class DataPlaneSnapshots {
    private static final long PROGRESS_NS = 500_000_000L;

    private final Map<UUID, ChunkStore> stores;
    private long progressNs;
    private volatile Set<UUID> devices = Set.of();
    private volatile Map<Integer, Integer> serving = Map.of();
    private volatile Map<String, String> progress = Map.of();
    private volatile Map<String, Long> caughtUp = Map.of();
    private volatile Map<String, Long> moved = Map.of();
    private volatile Map<String, Long> movementRates = Map.of();
    private volatile Map<String, ScrubFigures> scrubs = Map.of();
    private volatile Map<String, HedgeFigures> hedges = Map.of();
    private volatile Map<String, MovementFigures> movements = Map.of();
    private volatile Map<String, DeviceFigures> deviceFigures = Map.of();
    private volatile List<DeviceFill> fills = List.of();

    /**
     * @param stores the node's own; all are there before the reactor looks at them
     */
    DataPlaneSnapshots(Map<UUID, ChunkStore> stores) {
        this.stores = stores;
    }

    /** On the reactor, often. */
    void onTick(DataNode node, long nowNs) {
        Map<Integer, Integer> served = node.serving();
        if (!served.equals(serving)) {
            serving = served;
        }
        if (nowNs - progressNs >= PROGRESS_NS) {
            progressNs = nowNs;
            progress = node.ofOwners(VolumeOwner::progress);
            caughtUp = node.ofOwners(VolumeOwner::blocksCaughtUp);
            moved = node.ofOwners(VolumeOwner::bytesMoved);
            movementRates = node.ofOwners(VolumeOwner::movementRate);
            scrubs = node.ofOwners(VolumeOwner::scrubFigures);
            hedges = node.ofOwners(VolumeOwner::hedgeFigures);
            followFigures();
            followDevices();
        }
    }

    void followDevices() {
        Set<UUID> healthy = new LinkedHashSet<>();
        stores.forEach((id, store) -> {
            if (store.failure() == null) {
                healthy.add(id);
            }
        });
        if (!healthy.equals(devices)) {
            devices = Collections.unmodifiableSet(healthy);
        }
    }

    private void followFigures() {
        Map<String, DeviceFigures> now = new TreeMap<>();
        List<DeviceFill> full = new ArrayList<>();
        stores.forEach((id, store) -> {
            StoreStats stats = store.stats();
            boolean healthy = store.failure() == null;
            now.put(id.toString(), new DeviceFigures(store.io(), stats, healthy));
            if (healthy) {
                long taken = (long) stats.pagesUsed() + stats.pagesQuarantined();
                full.add(new DeviceFill(id, taken, stats.pagesTotal()));
            }
        });
        deviceFigures = Collections.unmodifiableMap(now);
        fills = List.copyOf(full);
    }

    /** On the thread that brings maps. */
    void onMap(ClusterMap map) {
        movements = MovementFigures.of(map);
    }

    /** Ids of the devices that are there and take writes. */
    Set<UUID> devices() {
        return devices;
    }

    /** Volumes served here: VUID to volume epoch. */
    Map<Integer, Integer> serving() {
        return serving;
    }

    /** What owners here are doing: volume name to a line for people. */
    Map<String, String> progress() {
        return progress;
    }

    /** Of the volumes owned here. */
    Collection<ScrubFigures> scrubs() {
        return scrubs.values();
    }

    List<DeviceFill> fills() {
        return fills;
    }

    /** All figures, with the counters that need no snapshot. */
    DataPlaneFigures figures(
            Map<String, ReactorCounters> reactors,
            TargetCounters target,
            PeerCounters peers,
            Map<String, IoCounters> volumes) {
        return new DataPlaneFigures(
                reactors,
                target,
                peers,
                volumes,
                caughtUp,
                movements,
                moved,
                movementRates,
                scrubs,
                hedges,
                deviceFigures);
    }
}
