package io.stria.dataplane.node;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.runtime.Clock;
import io.stria.runtime.Poller;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one reactor of a node does for the cluster: its stores answer commands of the epochs in its
 * map, and it owns the volumes that the map gives it, while it holds a lease. Everything runs on
 * that reactor; the control plane's words arrive as {@link #onMap}, {@link #onInForce} and {@link
 * #leaseUntil}.
 */
public final class DataNode implements Poller {
    private static final System.Logger LOG = System.getLogger(DataNode.class.getName());

    private static final long REPORT_NS = 1_000_000_000L;

    private final int nodeId;
    private final Clock clock;
    private final NodeDevices devices;
    private final ServedVolumes volumes;
    private final MapProposals proposals;
    private final VolumeListener listener;
    private final Map<Integer, Integer> knownEpochs = new HashMap<>();
    private @Nullable ClusterMap map;
    private @Nullable List<VolumeEntry> retained;
    private final List<MapCountdown> applying = new ArrayList<>(1);
    private long nextReportNs;
    private long inForceEpoch;
    private long leaseUntilNs;
    private boolean leased;

    /** For good: the process ends. */
    private boolean stopped;

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
        this.devices = new NodeDevices(nodeId, stores, connector, associations);
        this.volumes =
                new ServedVolumes(
                        nodeId, clock, devices, ownerConfig, this::holdsLease, proposals, listener);
        this.proposals = proposals;
        this.listener = listener;
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
        MapCountdown countdown = new MapCountdown(applied, newer.epoch(), clock.nowNs());
        volumes.onMap(newer);
        knownEpochs.keySet().removeIf(vuid -> newer.volume(vuid).isEmpty()); // none comes back
        for (VolumeEntry volume : newer.volumes()) {
            Integer known = knownEpochs.put(volume.vuid(), volume.epoch());
            if (known == null || known != volume.epoch()) {
                devices.onVolumeEpoch(volume, countdown);
            }
            volumes.follow(volume, newer);
        }
        devices.followPeers(newer);
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
        volumes.onWanted(vuid, volumeEpoch);
    }

    /**
     * Somebody asks for a scrub of a volume that is served here at this epoch. Nobody hears of it
     * if it is not any more: whoever asked sees no progress, and asks again.
     */
    public void onScrubAsked(int vuid, int volumeEpoch) {
        volumes.onScrubAsked(vuid, volumeEpoch);
    }

    /**
     * The node may serve until then, on the reactor's clock; 0 takes the lease away. One that was
     * {@linkplain #stop stopped} does not, whatever is granted to it.
     */
    public void leaseUntil(long deadlineNs) {
        if (stopped) {
            return;
        }
        leaseUntilNs = deadlineNs;
        devices.leaseUntil(deadlineNs);
        checkLease(clock.nowNs());
        startOwners();
    }

    /** Volumes served here at their newest epoch: VUID to volume epoch. */
    public Map<Integer, Integer> serving() {
        return volumes.serving();
    }

    /**
     * What the owners here say of themselves, such as {@link VolumeOwner#progress}: by volume name.
     */
    public <T> Map<String, T> ofOwners(Function<VolumeOwner, T> figure) {
        return volumes.ofOwners(figure);
    }

    @Override
    public int poll(long nowNs) {
        checkLease(nowNs);
        int work = devices.pollStores(nowNs);
        if (!applying.isEmpty()) {
            applying.removeIf(countdown -> countdown.isOver(nowNs));
        }
        if (nowNs - nextReportNs >= 0) {
            nextReportNs = nowNs + REPORT_NS;
            followDevices();
        }
        return work + devices.pollPeers(nowNs) + volumes.poll(nowNs);
    }

    private void followDevices() {
        ClusterMap current = map;
        if (current == null || stopped) {
            return;
        }
        if (leased) {
            devices.reportFailed(current, proposals);
        }
        devices.leaveDeparted(current, volumes::uses);
    }

    /**
     * When some read will have waited for a slow store for so long that {@link #poll} has to ask
     * others: then, and not later; {@code Long.MAX_VALUE} if none waits.
     */
    public long nextHedgeNs() {
        return volumes.nextHedgeNs();
    }

    /**
     * When {@link #poll} has something to do next, unless something arrives earlier; {@code
     * Long.MAX_VALUE} if never. While anything is under way that is at once, since what a poll
     * begins may need the next one.
     */
    public long nextDeadlineNs() {
        long nextNs = leased ? leaseUntilNs : Long.MAX_VALUE;
        for (MapCountdown countdown : applying) {
            nextNs = Math.min(nextNs, countdown.deadlineNs());
        }
        return Math.min(nextNs, Math.min(devices.nextDeadlineNs(), volumes.nextDeadlineNs()));
    }

    /**
     * Stops every owner; stores refuse everything from now on. The node never serves again: stores
     * that take long to close leave time for leases that were asked for before, and an owner that
     * began then would count the versions of its epoch from the first one again.
     */
    public void stop() {
        leaseUntil(0);
        stopped = true;
        volumes.stopOwners();
        devices.leaveAll();
    }

    private void checkLease(long nowNs) {
        boolean held = leaseUntilNs - nowNs > 0 && leaseUntilNs != 0;
        if (held != leased) {
            leased = held;
            retainVolumes();
            volumes.onLease(held);
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
            devices.retainVolumes(vuid -> exists(current, vuid));
        }
    }

    private static boolean exists(ClusterMap map, int vuid) {
        return map.volume(vuid).filter(volume -> volume.state() == VolumeState.ONLINE).isPresent();
    }

    private void startOwners() {
        ClusterMap current = map;
        // The lease says that the map's word on this node is meant for this process: the map may
        // still name the process before it, whose volume epochs must not be used again.
        if (current != null && holdsLease()) {
            volumes.startOwners(current, inForceEpoch);
        }
    }

    private boolean holdsLease() {
        return leaseUntilNs != 0 && leaseUntilNs - clock.nowNs() > 0;
    }
}
