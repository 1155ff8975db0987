package io.stria.dataplane.node;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.peer.RemoteStore;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.SlotStores;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;

/**
 * The devices of the map as one node reaches them: stores of its own, and those of its peers. Owned
 * by the node's reactor.
 */
final class NodeDevices {
    /** A store has to have said something in this time, or there may be no way to it any more. */
    static final long WAY_PROOF_NS = 3_000_000_000L;

    private static final String MISSING = "this node does not have it";

    /**
     * A device that was removed may have been carried to another node since, and have two slots.
     */
    private record Place(UUID deviceId, int nodeId) {
        Place(DeviceSlot slot) {
            this(slot.deviceId(), slot.nodeId());
        }
    }

    private final int nodeId;
    private final Map<UUID, StoreService> stores;
    private final StoreService[] polledStores;
    private final PeerConnector connector;
    private final LongSupplier associations;
    private final Map<Place, RemoteStore> remotes = new HashMap<>();

    /** The same, in the order in which they were needed first. */
    private final List<RemoteStore> polledRemotes = new ArrayList<>();

    private final Map<Integer, NodeEntry> peers = new HashMap<>();
    private final Set<Integer> moved = new HashSet<>();

    /**
     * @param stores this node's own, by device id
     * @param associations numbers for local owners that no connection of a peer gets either
     */
    NodeDevices(
            int nodeId,
            Map<UUID, StoreService> stores,
            PeerConnector connector,
            LongSupplier associations) {
        this.nodeId = nodeId;
        // Polled in the caller's order, so that a simulation is the same in every process.
        this.stores = Collections.unmodifiableMap(new LinkedHashMap<>(stores));
        this.polledStores = stores.values().toArray(StoreService[]::new);
        this.connector = connector;
        this.associations = associations;
        leaseUntil(0);
    }

    /** Own stores serve until then; 0: not at all. */
    void leaseUntil(long deadlineNs) {
        stores.values().forEach(store -> store.leaseUntil(deadlineNs));
    }

    /** Own stores refuse commands of older epochs of the volume from now on. */
    void onVolumeEpoch(VolumeEntry volume, MapCountdown countdown) {
        stores.forEach((id, store) ->
                store.onVolumeEpoch(volume.vuid(), volume.epoch(), countdown.expect(id)));
    }

    /** Own stores drop all other volumes. */
    void retainVolumes(IntPredicate exists) {
        stores.values().forEach(store -> store.retainVolumes(exists));
    }

    /** Nodes may come back at another address, with the same devices. */
    void followPeers(ClusterMap newer) {
        for (DeviceSlot slot : newer.slots()) {
            RemoteStore remote = remotes.get(new Place(slot));
            NodeEntry peer = newer.nodeOf(slot);
            NodeEntry before = peers.put(peer.id(), peer);
            if (before != null
                    && !(before.address().equals(peer.address())
                            && before.peerPort() == peer.peerPort())) {
                moved.add(peer.id());
            }
            if (remote != null && moved.contains(peer.id())) {
                remote.moveTo(new InetSocketAddress(peer.address(), peer.peerPort()));
            }
        }
        moved.clear();
    }

    /**
     * Devices of this node that do not take writes, or are not here, until the map has them down.
     * One that is drained keeps its state in the map whatever becomes of it.
     */
    void reportFailed(ClusterMap current, MapProposals proposals) {
        for (DeviceSlot slot : current.slots()) {
            boolean isUp =
                    switch (slot.state()) {
                        case ONLINE, SYNCING -> true;
                        case DRAINING, UNAVAILABLE, FAILED, REMOVED -> false;
                    };
            if (isUp && slot.nodeId() == nodeId) {
                StoreService store = stores.get(slot.deviceId());
                String failure = store == null ? MISSING : store.failure();
                if (failure != null) {
                    proposals.deviceDown(slot.deviceId(), failure);
                }
            }
        }
    }

    /**
     * Devices that are gone for good are asked for no longer than an owner frees what they held.
     *
     * @param isUsed by an owner here, of a slot
     */
    void leaveDeparted(ClusterMap current, IntPredicate isUsed) {
        Set<Place> wanted = new HashSet<>();
        for (DeviceSlot slot : current.slots()) {
            boolean departed =
                    slot.state() == DeviceState.FAILED || slot.state() == DeviceState.REMOVED;
            if (!departed || isUsed.test(slot.slot())) {
                wanted.add(new Place(slot));
            }
        }
        remotes.forEach((place, remote) -> remote.want(wanted.contains(place)));
    }

    /** No peer is asked for anything any more. */
    void leaveAll() {
        remotes.values().forEach(remote -> remote.want(false));
    }

    /**
     * Whether there is a way from here to every store that is in sync for the volume; where none is
     * known, one is looked for from now on.
     */
    boolean reachesAll(VolumeEntry volume, ClusterMap current) {
        OfMap devices = new OfMap(current);
        boolean all = true;
        for (DeviceSlot slot : current.slots()) {
            if (volume.placing().uses(slot.slot()) && !volume.behind().containsKey(slot.slot())) {
                all &=
                        slot.state() != DeviceState.UNAVAILABLE
                                && devices.reaches(slot.slot(), volume.vuid());
            }
        }
        return all;
    }

    /** The stores of a map's slots. */
    SlotStores of(ClusterMap map) {
        return new OfMap(map);
    }

    int pollStores(long nowNs) {
        int work = 0;
        for (StoreService store : polledStores) {
            work += store.poll(nowNs);
        }
        return work;
    }

    int pollPeers(long nowNs) {
        int work = 0;
        for (int i = 0; i < polledRemotes.size(); i++) {
            work += polledRemotes.get(i).poll(nowNs);
        }
        return work;
    }

    /** When a poll has something to do next, unless something arrives earlier. */
    long nextDeadlineNs() {
        for (StoreService store : polledStores) {
            if (!store.isIdle()) {
                return Long.MIN_VALUE;
            }
        }
        long nextNs = Long.MAX_VALUE;
        for (int i = 0; i < polledRemotes.size(); i++) {
            nextNs = Math.min(nextNs, polledRemotes.get(i).nextDeadlineNs());
        }
        return nextNs;
    }

    private final class OfMap implements SlotStores {
        private final ClusterMap of;

        OfMap(ClusterMap of) {
            this.of = of;
        }

        @Override
        public int slots() {
            return of.slots().size();
        }

        @Override
        public FragmentStore store(int slot) {
            DeviceSlot device = of.slot(slot);
            StoreService local = stores.get(device.deviceId());
            return local != null ? new LocalStore(local, associations) : remote(device);
        }

        /** Whether there is a way to it; if not, one is looked for from now on. */
        boolean reaches(int slot, int vuid) {
            StoreService local = stores.get(of.slot(slot).deviceId());
            return local == null
                    ? remote(of.slot(slot)).answersWithin(WAY_PROOF_NS, vuid)
                    : local.failure() == null;
        }

        private RemoteStore remote(DeviceSlot device) {
            return remotes.computeIfAbsent(
                    new Place(device),
                    place -> {
                        RemoteStore made = connector.connect(of.nodeOf(device), device);
                        polledRemotes.add(made);
                        return made;
                    });
        }

        @Override
        public boolean isLost(int slot) {
            return of.slot(slot).state() == DeviceState.FAILED;
        }
    }
}
