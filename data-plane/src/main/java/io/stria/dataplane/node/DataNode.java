package io.stria.dataplane.node;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.peer.RemoteStore;
import io.stria.dataplane.volume.CopyBudget;
import io.stria.dataplane.volume.HedgeFigures;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.dataplane.volume.PageLocations;
import io.stria.dataplane.volume.ScrubFigures;
import io.stria.dataplane.volume.SlotStores;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.placement.Placement;
import io.stria.placement.PlacementCache;
import io.stria.runtime.Clock;
import io.stria.runtime.Poller;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one reactor of a node does for the cluster: its stores answer commands of the epochs in its
 * map, and it owns the volumes that the map gives it, while it holds a lease. Everything runs on
 * that reactor; the control plane's words arrive as {@link #onMap}, {@link #onInForce} and {@link
 * #leaseUntil}.
 */
public final class DataNode implements Poller, VolumeOwner.Listener {
    private static final System.Logger LOG = System.getLogger(DataNode.class.getName());

    /** Of each volume and list of slots. */
    private static final int PAGES_REMEMBERED = 4096;

    private static final long REPORT_NS = 1_000_000_000L;

    private static final String MISSING = "this node does not have it";

    /** A store has to have said something in this time, or there may be no way to it any more. */
    private static final long WAY_PROOF_NS = 3_000_000_000L;

    /** Half of a lease: it goes on if this node applies the map before it ends. */
    private static final long APPLY_PATIENCE_NS = 1_000_000_000L;

    private final int nodeId;
    private final Clock clock;
    private final Map<UUID, StoreService> stores;
    private final StoreService[] polledStores;
    private final PeerConnector connector;
    private final LongSupplier associations;
    private final OwnerConfig ownerConfig;
    private final CopyBudget copyBudget = new CopyBudget();
    private final MapProposals proposals;
    private final VolumeListener listener;
    private final Map<Integer, ServedVolume> volumes = new TreeMap<>();
    private final Map<Integer, Integer> knownEpochs = new HashMap<>();
    private final Map<UUID, RemoteStore> remotes = new HashMap<>();

    /** The same, in the order in which they were needed first. */
    private final List<RemoteStore> polledRemotes = new ArrayList<>();

    private final Map<Integer, NodeEntry> peers = new HashMap<>();
    private final Set<Integer> moved = new HashSet<>();
    private @Nullable ClusterMap map;
    private final Map<SlotList, Placement> placements = new HashMap<>();
    private @Nullable List<VolumeEntry> retained;
    private final List<Countdown> applying = new ArrayList<>(1);
    private long nextReportNs;
    private long inForceEpoch;
    private long leaseUntilNs;
    private boolean leased;
    private long hedgeNs = Long.MAX_VALUE;

    /**
     * @param stores this node's own, by device id
     * @param associations numbers for local owners that no connection of a peer gets either
     */
    public DataNode(
            int nodeId,
            Clock clock,
            Map<UUID, StoreService> stores,
            PeerConnector connector,
            LongSupplier associations,
            OwnerConfig ownerConfig,
            MapProposals proposals,
            VolumeListener listener) {
        this.nodeId = nodeId;
        this.clock = clock;
        // Polled in the caller's order, so that a simulation is the same in every process.
        this.stores = Collections.unmodifiableMap(new LinkedHashMap<>(stores));
        this.polledStores = stores.values().toArray(StoreService[]::new);
        this.connector = connector;
        this.associations = associations;
        this.ownerConfig = ownerConfig;
        this.proposals = proposals;
        this.listener = listener;
        this.stores.values().forEach(store -> store.leaseUntil(0));
        this.nextReportNs = clock.nowNs();
    }

    /**
     * Takes a newer map. Owners of older epochs stop at once.
     *
     * @param applied runs when commands that stores accepted under older epochs are durable or
     *     dropped
     */
    public void onMap(ClusterMap newer, Runnable applied) {
        map = newer;
        Set<SlotList> lists = new HashSet<>();
        for (VolumeEntry volume : newer.volumes()) {
            lists.add(volume.placing().from());
            lists.add(volume.placing().to());
        }
        placements.keySet().retainAll(lists);
        Countdown countdown =
                new Countdown(applied, newer.epoch(), clock.nowNs() + APPLY_PATIENCE_NS);
        // First: another volume may have taken the name of one that has gone since the last map.
        for (ServedVolume served : List.copyOf(volumes.values())) {
            if (newer.volume(served.entry().vuid()).isEmpty()) {
                remove(served);
            }
        }
        for (VolumeEntry volume : newer.volumes()) {
            Integer known = knownEpochs.put(volume.vuid(), volume.epoch());
            if (known == null || known != volume.epoch()) {
                stores.forEach((id, store) ->
                        store.onVolumeEpoch(volume.vuid(), volume.epoch(), countdown.expect(id)));
            }
            followVolume(volume, newer);
        }
        followPeers(newer);
        retainVolumes();
        listener.onMap(newer);
        countdown.close();
        applying.add(countdown);
        startOwners();
    }

    /** Every node that may serve has applied this epoch: owners of its volume epochs may begin. */
    public void onInForce(long epoch) {
        inForceEpoch = Math.max(inForceEpoch, epoch);
        startOwners();
    }

    /**
     * The owner of a volume that this node presents too has no way to as many stores as writes
     * need. If there is one from here to every store in sync, this node asks for the volume; ways
     * that were not needed so far are tried now, and count when this is called again.
     */
    public void onWanted(int vuid, int volumeEpoch) {
        ServedVolume served = volumes.get(vuid);
        ClusterMap current = map;
        if (served == null || current == null || !holdsLease()) {
            return;
        }
        VolumeEntry volume = served.entry();
        long nowNs = clock.nowNs();
        if (volume.epoch() != volumeEpoch
                || volume.owner() == nodeId
                || !reachesAll(volume, current)) {
            served.reachedNs = 0;
        } else if (served.reachedNs == 0 || nowNs - served.reachedNs > WAY_PROOF_NS) {
            // Where all ways have just been healed, the owner will not ask once more.
            served.reachedNs = nowNs;
        } else if (nowNs - served.reachedNs >= WAY_PROOF_NS / 3) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "node {0} reaches all stores of {1}, whose owner, node {2}, does not",
                    nodeId,
                    volume.name(),
                    volume.owner());
            proposals.takeVolume(vuid, volumeEpoch);
        }
    }

    /**
     * Somebody asks for a scrub of a volume that is served here at this epoch. Nobody hears of it
     * if it is not any more: whoever asked sees no progress, and asks again.
     */
    public void onScrubAsked(int vuid, int volumeEpoch) {
        ServedVolume served = volumes.get(vuid);
        VolumeOwner owner = served == null ? null : served.owner();
        if (owner != null && owner.epoch() == volumeEpoch && owner.isServing()) {
            owner.scrubNow();
        }
    }

    private boolean reachesAll(VolumeEntry volume, ClusterMap current) {
        SlotDevices devices = new SlotDevices(current);
        boolean all = true;
        for (DeviceSlot slot : current.slots()) {
            if (volume.placing().uses(slot.slot()) && !volume.behind().containsKey(slot.slot())) {
                all &= slot.state() != DeviceState.UNAVAILABLE && devices.reaches(slot.slot());
            }
        }
        return all;
    }

    /** The node may serve until then, on the reactor's clock; 0 takes the lease away. */
    public void leaseUntil(long deadlineNs) {
        leaseUntilNs = deadlineNs;
        stores.values().forEach(store -> store.leaseUntil(deadlineNs));
        checkLease(clock.nowNs());
        startOwners();
    }

    /** Volumes served here at their newest epoch: VUID to volume epoch. */
    public Map<Integer, Integer> serving() {
        Map<Integer, Integer> serving = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            if (volume.isServing()) {
                serving.put(volume.entry().vuid(), volume.entry().epoch());
            }
        }
        return serving;
    }

    /** What owners here are doing, for people: volume name to progress. */
    public Map<String, String> progress() {
        Map<String, String> progress = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            VolumeOwner owner = volume.owner();
            if (owner != null) {
                progress.put(volume.entry().name(), owner.progress());
            }
        }
        return progress;
    }

    /** Blocks that running catch-ups have made equal so far: volume name to blocks. */
    public Map<String, Long> caughtUp() {
        Map<String, Long> blocks = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            VolumeOwner owner = volume.owner();
            if (owner != null) {
                blocks.put(volume.entry().name(), owner.blocksCaughtUp());
            }
        }
        return blocks;
    }

    /** Bytes that owners here have written to other slots: volume name to bytes. */
    public Map<String, Long> moved() {
        Map<String, Long> bytes = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            VolumeOwner owner = volume.owner();
            if (owner != null) {
                bytes.put(volume.entry().name(), owner.bytesMoved());
            }
        }
        return bytes;
    }

    /** What became of reads of volumes owned here that met a slow store: by volume name. */
    public Map<String, HedgeFigures> hedges() {
        Map<String, HedgeFigures> hedges = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            VolumeOwner owner = volume.owner();
            if (owner != null) {
                hedges.put(volume.entry().name(), owner.hedgeFigures());
            }
        }
        return hedges;
    }

    /** What scrubs of volumes owned here have done: by volume name. */
    public Map<String, ScrubFigures> scrubs() {
        Map<String, ScrubFigures> scrubs = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            VolumeOwner owner = volume.owner();
            if (owner != null) {
                scrubs.put(volume.entry().name(), owner.scrubFigures());
            }
        }
        return scrubs;
    }

    /** Fragments of volumes owned here that reads found wrong, written again: by volume name. */
    public Map<String, Long> readRepairs() {
        Map<String, Long> repairs = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            VolumeOwner owner = volume.owner();
            if (owner != null) {
                repairs.put(volume.entry().name(), owner.readRepairs());
            }
        }
        return repairs;
    }

    @Override
    public int poll(long nowNs) {
        checkLease(nowNs);
        int work = 0;
        for (StoreService store : polledStores) {
            work += store.poll(nowNs);
        }
        if (!applying.isEmpty()) {
            applying.removeIf(countdown -> countdown.isOver(nowNs));
        }
        if (nowNs - nextReportNs >= 0) {
            nextReportNs = nowNs + REPORT_NS;
            reportFailed();
            leaveDeparted();
        }
        for (int i = 0; i < polledRemotes.size(); i++) {
            work += polledRemotes.get(i).poll(nowNs);
        }
        long nextHedgeNs = Long.MAX_VALUE;
        for (ServedVolume volume : volumes.values()) {
            work += volume.poll(nowNs);
            nextHedgeNs = Math.min(nextHedgeNs, volume.nextHedgeNs());
        }
        hedgeNs = nextHedgeNs;
        return work;
    }

    /**
     * When some read will have waited for a slow store for so long that {@link #poll} has to ask
     * others: then, and not later; {@code Long.MAX_VALUE} if none waits.
     */
    public long nextHedgeNs() {
        return hedgeNs;
    }

    /**
     * When {@link #poll} has something to do next, unless something arrives earlier; {@code
     * Long.MAX_VALUE} if never. While anything is under way that is at once, since what a poll
     * begins may need the next one.
     */
    public long nextDeadlineNs() {
        long nextNs = leased ? leaseUntilNs : Long.MAX_VALUE;
        for (Countdown countdown : applying) {
            nextNs = Math.min(nextNs, countdown.deadlineNs);
        }
        for (StoreService store : polledStores) {
            if (!store.isIdle()) {
                return Long.MIN_VALUE;
            }
        }
        for (int i = 0; i < polledRemotes.size(); i++) {
            nextNs = Math.min(nextNs, polledRemotes.get(i).nextDeadlineNs());
        }
        for (ServedVolume volume : volumes.values()) {
            nextNs = Math.min(nextNs, volume.nextDeadlineNs());
        }
        return nextNs;
    }

    /** Stops every owner; stores refuse everything from now on. */
    public void stop() {
        leaseUntil(0);
        for (ServedVolume volume : List.copyOf(volumes.values())) {
            stopOwner(volume);
        }
        remotes.values().forEach(remote -> remote.want(false));
    }

    /**
     * Devices of this node that do not take writes, or are not here, until the map has them down.
     * One that is drained keeps its state in the map whatever becomes of it.
     */
    private void reportFailed() {
        ClusterMap current = map;
        if (current == null || !leased) {
            return;
        }
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
     */
    private void leaveDeparted() {
        ClusterMap current = map;
        if (current == null) {
            return;
        }
        Set<UUID> wanted = new HashSet<>();
        for (DeviceSlot slot : current.slots()) {
            boolean departed =
                    slot.state() == DeviceState.FAILED || slot.state() == DeviceState.REMOVED;
            if (!departed || isUsed(slot.slot())) {
                wanted.add(slot.deviceId());
            }
        }
        remotes.forEach((id, remote) -> remote.want(wanted.contains(id)));
    }

    private boolean isUsed(int slot) {
        for (ServedVolume served : volumes.values()) {
            VolumeOwner owner = served.owner();
            if (owner != null && owner.uses(slot)) {
                return true;
            }
        }
        return false;
    }

    private void checkLease(long nowNs) {
        boolean held = leaseUntilNs - nowNs > 0 && leaseUntilNs != 0;
        if (held != leased) {
            leased = held;
            retainVolumes();
            for (ServedVolume volume : volumes.values()) {
                if (volume.isServing()) {
                    // Hosts that still reach a node without a lease look for another path.
                    listener.onServing(volume.entry(), held);
                }
            }
            if (!held) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "node {0} has no lease: it serves nothing",
                        nodeId);
            }
        }
    }

    /**
     * Stores drop what the map does not know, but only under a lease, which says that the map is
     * the newest: in an older one volumes are missing that exist.
     */
    private void retainVolumes() {
        ClusterMap current = map;
        if (leased && current != null && !current.volumes().equals(retained)) {
            retained = current.volumes();
            stores.values().forEach(store -> store.retainVolumes(vuid -> exists(current, vuid)));
        }
    }

    private static boolean exists(ClusterMap map, int vuid) {
        return map.volume(vuid).filter(volume -> volume.state() == VolumeState.ONLINE).isPresent();
    }

    private void followVolume(VolumeEntry volume, ClusterMap newer) {
        boolean presented = volume.paths().contains(nodeId) && volume.state() == VolumeState.ONLINE;
        ServedVolume served = volumes.get(volume.vuid());
        if (!presented) {
            if (served != null) {
                remove(served);
            }
            return;
        }
        if (served == null) {
            served = new ServedVolume(volume, newer.epoch());
            volumes.put(volume.vuid(), served);
            listener.onVolume(volume, served);
            listener.onServing(volume, false);
            return;
        }
        VolumeOwner owner = served.owner();
        boolean stays =
                owner != null && volume.owner() == nodeId && owner.epoch() == volume.epoch();
        if (!stays) {
            stopOwner(served);
        }
        served.follow(volume, newer.epoch());
        if (stays && owner != null) {
            owner.onMap(volume, new SlotDevices(newer));
        }
    }

    private void remove(ServedVolume served) {
        stopOwner(served);
        volumes.remove(served.entry().vuid());
        listener.onVolumeGone(served.entry());
        served.poll(clock.nowNs()); // what it refused is answered, though it is polled no more
    }

    private void stopOwner(ServedVolume served) {
        VolumeOwner owner = served.owner();
        if (owner != null) {
            listener.onServing(served.entry(), false);
            served.owner(null);
            owner.stop();
        }
    }

    private void startOwners() {
        ClusterMap current = map;
        // The lease says that the map's word on this node is meant for this process: the map may
        // still name the process before it, whose volume epochs must not be used again.
        if (current == null || !holdsLease()) {
            return;
        }
        for (ServedVolume served : volumes.values()) {
            VolumeEntry volume = served.entry();
            if (volume.owner() == nodeId
                    && served.owner() == null
                    && inForceEpoch >= served.epochSinceMap) {
                served.owner(
                        new VolumeOwner(
                                volume,
                                current.pageShift(),
                                new SlotDevices(current),
                                list -> locations(volume, list),
                                ownerConfig,
                                copyBudget,
                                clock,
                                this::holdsLease,
                                proposals,
                                this));
                LOG.log(
                        System.Logger.Level.INFO,
                        "node {0} takes over {1} at epoch {2}",
                        nodeId,
                        volume.name(),
                        volume.epoch());
            }
        }
    }

    /** Nodes may come back at another address, with the same devices. */
    private void followPeers(ClusterMap newer) {
        for (DeviceSlot slot : newer.slots()) {
            RemoteStore remote = remotes.get(slot.deviceId());
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

    private boolean holdsLease() {
        return leaseUntilNs != 0 && leaseUntilNs - clock.nowNs() > 0;
    }

    /** A list of slots places pages alike in every map that has it. */
    private PageLocations locations(VolumeEntry volume, SlotList list) {
        // The newest: slots may have been added since the owner began.
        ClusterMap newest = Objects.requireNonNull(map);
        Placement placement =
                placements.computeIfAbsent(list, l -> Placement.of(newest.listing(l)));
        return new PlacementCache(volume.vuid(), volume.scheme(), PAGES_REMEMBERED, placement)
                ::primary;
    }

    /** The stores of a map's slots: this node's own, or their peers'. */
    private final class SlotDevices implements SlotStores {
        private final ClusterMap of;

        SlotDevices(ClusterMap of) {
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
        boolean reaches(int slot) {
            StoreService local = stores.get(of.slot(slot).deviceId());
            return local == null
                    ? remote(of.slot(slot)).answersWithin(WAY_PROOF_NS)
                    : local.failure() == null;
        }

        private RemoteStore remote(DeviceSlot device) {
            return remotes.computeIfAbsent(
                    device.deviceId(),
                    id -> {
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

    @Override
    public void onServing(VolumeOwner owner) {
        ServedVolume served = volumes.get(owner.vuid());
        if (served != null && served.owner() == owner) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "node {0} serves {1} at epoch {2}",
                    nodeId,
                    served.entry().name(),
                    owner.epoch());
            listener.onServing(served.entry(), leased);
        }
    }

    @Override
    public void onFenced(VolumeOwner owner) {
        ServedVolume served = volumes.get(owner.vuid());
        if (served != null && served.owner() == owner) {
            // The owner stays, stopped, until a map names the next epoch: it must not begin again
            // under this one.
            listener.onServing(served.entry(), false);
        }
    }

    /**
     * A map that stores still have to apply. It does not wait for a device that hangs: no owner
     * hears of that device's store before its older commands have ended, since attaching waits for
     * them, too.
     */
    private static final class Countdown {
        private final Runnable action;
        private final long epoch;
        private final long deadlineNs;
        private final List<UUID> expected = new ArrayList<>();
        private boolean closed;
        private boolean over;

        Countdown(Runnable action, long epoch, long deadlineNs) {
            this.action = action;
            this.epoch = epoch;
            this.deadlineNs = deadlineNs;
        }

        Runnable expect(UUID device) {
            expected.add(device);
            return () -> {
                expected.remove(device);
                endIfDone();
            };
        }

        /** All that is expected is known. */
        void close() {
            closed = true;
            endIfDone();
        }

        private void endIfDone() {
            if (closed && expected.isEmpty() && !over) {
                end();
            }
        }

        private void end() {
            over = true;
            action.run();
        }

        boolean isOver(long nowNs) {
            if (!over && nowNs - deadlineNs >= 0) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "devices {0} do not finish their commands: map epoch {1} is applied"
                                + " without them",
                        List.copyOf(new java.util.TreeSet<>(expected)),
                        epoch);
                end();
            }
            return over;
        }
    }
}
