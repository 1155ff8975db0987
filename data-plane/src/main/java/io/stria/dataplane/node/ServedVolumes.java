package io.stria.dataplane.node;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.dataplane.volume.CopyBudget;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.dataplane.volume.PageLocations;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.placement.Placement;
import io.stria.placement.PlacementCache;
import io.stria.runtime.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The volumes that one node presents to hosts, and the owners of those that the map gives it. Owned
 * by the node's reactor.
 */
final class ServedVolumes implements VolumeOwner.Listener {
    private static final System.Logger LOG = System.getLogger(ServedVolumes.class.getName());

    /** Of each volume and list of slots. */
    private static final int PAGES_REMEMBERED = 4096;

    private final int nodeId;
    private final Clock clock;
    private final NodeDevices devices;
    private final OwnerConfig ownerConfig;
    private final CopyBudget copyBudget = new CopyBudget();
    private final BooleanSupplier lease;
    private final MapProposals proposals;
    private final VolumeListener listener;
    private final Map<Integer, ServedVolume> volumes = new TreeMap<>();
    private final Map<SlotList, Placement> placements = new HashMap<>();

    /** By VUID, the volume epoch at which an owner last began in this process. */
    private final Map<Integer, Integer> begun = new HashMap<>();

    private @Nullable ClusterMap map;

    /** What hosts have been told. */
    private boolean leased;

    private long hedgeNs = Long.MAX_VALUE;

    ServedVolumes(
            int nodeId,
            Clock clock,
            NodeDevices devices,
            OwnerConfig ownerConfig,
            BooleanSupplier lease,
            MapProposals proposals,
            VolumeListener listener) {
        this.nodeId = nodeId;
        this.clock = clock;
        this.devices = devices;
        this.ownerConfig = ownerConfig;
        this.lease = lease;
        this.proposals = proposals;
        this.listener = listener;
    }

    /**
     * Takes a newer map, of which each volume is to be followed next. Those that it does not have
     * are removed now: another volume may have taken the name of one.
     */
    void onMap(ClusterMap newer) {
        map = newer;
        Set<SlotList> lists = new HashSet<>();
        for (VolumeEntry volume : newer.volumes()) {
            lists.add(volume.placing().from());
            lists.add(volume.placing().to());
        }
        placements.keySet().retainAll(lists);
        begun.keySet().removeIf(vuid -> newer.volume(vuid).isEmpty());
        for (ServedVolume served : List.copyOf(volumes.values())) {
            if (newer.volume(served.entry().vuid()).isEmpty()) {
                remove(served);
            }
        }
    }

    /** Presents the volume, or does not any more; an owner of an older epoch stops. */
    void follow(VolumeEntry volume, ClusterMap newer) {
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
            owner.onMap(volume, devices.of(newer));
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

    void stopOwners() {
        for (ServedVolume volume : List.copyOf(volumes.values())) {
            stopOwner(volume);
        }
    }

    /**
     * Owners begin whose volume epoch is in force; the node has a lease.
     *
     * @throws IllegalStateException instead of a second owner at one epoch: it would give out the
     *     versions of the first one again, and what that one has acknowledged would count as newer
     *     than what is written after it. The process ends then, and its next one starts at a new
     *     epoch
     */
    void startOwners(ClusterMap current, long inForceEpoch) {
        for (ServedVolume served : volumes.values()) {
            VolumeEntry volume = served.entry();
            if (volume.owner() == nodeId
                    && served.owner() == null
                    && inForceEpoch >= served.epochSinceMap) {
                begins(volume);
                served.owner(
                        new VolumeOwner(
                                volume,
                                current.pageShift(),
                                devices.of(current),
                                list -> locations(volume, list),
                                ownerConfig,
                                copyBudget,
                                clock,
                                lease,
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

    private void begins(VolumeEntry volume) {
        Integer before = begun.get(volume.vuid());
        if (before != null && before >= volume.epoch()) {
            throw new IllegalStateException(
                    "an owner of volume %s has begun at epoch %d: none begins at %d"
                            .formatted(volume.name(), before, volume.epoch()));
        }
        begun.put(volume.vuid(), volume.epoch());
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

    /** The node has a lease from now on, or has none any more. */
    void onLease(boolean held) {
        leased = held;
        for (ServedVolume volume : volumes.values()) {
            if (volume.isServing()) {
                // Hosts that still reach a node without a lease look for another path.
                listener.onServing(volume.entry(), held);
            }
        }
    }

    /** See {@link DataNode#onWanted}. */
    void onWanted(int vuid, int volumeEpoch) {
        ServedVolume served = volumes.get(vuid);
        ClusterMap current = map;
        if (served == null || current == null || !lease.getAsBoolean()) {
            return;
        }
        VolumeEntry volume = served.entry();
        long nowNs = clock.nowNs();
        if (volume.epoch() != volumeEpoch
                || volume.owner() == nodeId
                || !devices.reachesAll(volume, current)) {
            served.reachedNs = 0;
        } else if (served.reachedNs == 0 || nowNs - served.reachedNs > NodeDevices.WAY_PROOF_NS) {
            // Where all ways have just been healed, the owner will not ask once more.
            served.reachedNs = nowNs;
        } else if (nowNs - served.reachedNs >= NodeDevices.WAY_PROOF_NS / 3) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "node {0} reaches all stores of {1}, whose owner, node {2}, does not",
                    nodeId,
                    volume.name(),
                    volume.owner());
            proposals.takeVolume(vuid, volumeEpoch);
        }
    }

    /** See {@link DataNode#onScrubAsked}. */
    void onScrubAsked(int vuid, int volumeEpoch) {
        ServedVolume served = volumes.get(vuid);
        VolumeOwner owner = served == null ? null : served.owner();
        if (owner != null && owner.epoch() == volumeEpoch && owner.isServing()) {
            owner.scrubNow();
        }
    }

    /** Whether an owner here may still have something to ask of the slot's device. */
    boolean uses(int slot) {
        for (ServedVolume served : volumes.values()) {
            VolumeOwner owner = served.owner();
            if (owner != null && owner.uses(slot)) {
                return true;
            }
        }
        return false;
    }

    /** Volumes served here at their newest epoch: VUID to volume epoch. */
    Map<Integer, Integer> serving() {
        Map<Integer, Integer> serving = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            if (volume.isServing()) {
                serving.put(volume.entry().vuid(), volume.entry().epoch());
            }
        }
        return serving;
    }

    /** What each owner here says: by volume name. */
    <T> Map<String, T> ofOwners(Function<VolumeOwner, T> figure) {
        Map<String, T> figures = new TreeMap<>();
        for (ServedVolume volume : volumes.values()) {
            VolumeOwner owner = volume.owner();
            if (owner != null) {
                figures.put(volume.entry().name(), figure.apply(owner));
            }
        }
        return figures;
    }

    int poll(long nowNs) {
        int work = 0;
        long nextHedgeNs = Long.MAX_VALUE;
        for (ServedVolume volume : volumes.values()) {
            work += volume.poll(nowNs);
            nextHedgeNs = Math.min(nextHedgeNs, volume.nextHedgeNs());
        }
        hedgeNs = nextHedgeNs;
        return work;
    }

    /** Of all volumes, as the last poll left it. */
    long nextHedgeNs() {
        return hedgeNs;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextDeadlineNs() {
        long nextNs = Long.MAX_VALUE;
        for (ServedVolume volume : volumes.values()) {
            nextNs = Math.min(nextNs, volume.nextDeadlineNs());
        }
        return nextNs;
    }
}
