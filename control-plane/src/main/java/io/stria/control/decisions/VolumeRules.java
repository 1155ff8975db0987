package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.decisions.Result.Outcome;
import io.stria.control.json.AnyVolume;
import io.stria.placement.Feasibility;
import io.stria.runtime.Sizes;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Volumes that are made, served and deleted. */
public final class VolumeRules {
    /**
     * Every node gets the map as a whole, so it has to fit one message between members. With many
     * devices and removed ones fewer volumes do: that is for the leader to see to, which takes no
     * change that would need more.
     */
    static final int VOLUMES_MAX = 4096;

    /** Nodes that present a volume, at most. */
    public static final int PATHS_MAX = PathPlan.PATHS_MAX;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final int SIZE_UNIT = 4096;
    private static final int SHORT_ID_CHARS = 8;

    private VolumeRules() {}

    static void create(Draft draft, Decision.CreateVolume create) {
        for (VolumeEntry volume : draft.volumes.values()) {
            if (volume.name().equals(create.name())) {
                throw existing(volume, create);
            }
        }
        check(create, draft.base.map().pageShift());
        if (draft.volumes.size() >= VOLUMES_MAX) {
            throw Refusal.of(
                    Outcome.INFEASIBLE, "there are %d volumes, and no more fit", VOLUMES_MAX);
        }
        everyNodeHasCome(draft);
        Feasibility feasibility =
                Feasibility.check(draft.base.map(), create.scheme(), create.tolerance());
        if (!feasibility.feasible()) {
            throw Refusal.of(Outcome.INFEASIBLE, "%s", feasibility.reason());
        }
        if (draft.nextVuid > VolumeEntry.VUID_MAX) {
            throw Refusal.of(Outcome.INFEASIBLE, "all VUIDs have been given away");
        }
        int vuid = draft.nextVuid++;
        List<Integer> paths = new PathPlan(draft).choose(vuid);
        if (paths.isEmpty() || !draft.online(paths.getFirst())) {
            throw Refusal.of(Outcome.NOT_READY, "no node is online that could serve the volume");
        }
        draft.volumes.put(
                vuid,
                new VolumeEntry(
                        vuid,
                        create.id(),
                        create.name(),
                        nqn(draft.base.map(), create.name()),
                        create.sizeBytes(),
                        create.scheme(),
                        create.tolerance(),
                        VolumeState.ONLINE,
                        1,
                        paths.getFirst(),
                        paths,
                        new TreeMap<>(),
                        create.lbaBytes(),
                        Placing.settled(SlotList.wanted(draft.slots))));
    }

    private static Refusal existing(VolumeEntry volume, Decision.CreateVolume create) {
        if (volume.state() == VolumeState.DELETING) {
            return Refusal.of(Outcome.CONFLICT, "volume %s is being deleted", volume.name());
        }
        boolean same =
                volume.sizeBytes() == create.sizeBytes()
                        && volume.scheme().equals(create.scheme())
                        && volume.tolerance() == create.tolerance()
                        && volume.lbaBytes() == create.lbaBytes();
        return same
                ? Refusal.already()
                : Refusal.of(
                        Outcome.CONFLICT,
                        "volume %s exists with %s, %s, tolerance %s, logical blocks of %d bytes",
                        volume.name(),
                        Sizes.exact(volume.sizeBytes()),
                        volume.scheme(),
                        volume.tolerance().name().toLowerCase(Locale.ROOT),
                        volume.lbaBytes());
    }

    private static void check(Decision.CreateVolume create, int pageShift) {
        String misfit = misfit(create.name(), create.sizeBytes());
        if (misfit != null) {
            throw Refusal.of(Outcome.INVALID, "%s", misfit);
        }
        long bytesMax = VolumeEntry.sizeBytesMax(create.scheme(), pageShift);
        if (create.sizeBytes() > bytesMax) {
            throw Refusal.of(
                    Outcome.INVALID,
                    "with %s a volume has at most %s in this cluster, not %s",
                    create.scheme(),
                    Sizes.exact(bytesMax),
                    Sizes.exact(create.sizeBytes()));
        }
    }

    /**
     * What no cluster takes, as a sentence; null if name and size are in order. How large a volume
     * may be depends on its scheme and on the cluster, see {@link VolumeEntry#sizeBytesMax}.
     */
    public static @Nullable String misfit(String name, long sizeBytes) {
        if (!NAME.matcher(name).matches()) {
            return "a volume's name has 1 to 63 of a-z, 0-9 and '-', and neither starts nor ends"
                    + " with '-'";
        }
        return sizeBytes > 0 && sizeBytes % SIZE_UNIT == 0
                ? null
                : "a volume's size is a positive multiple of %s, not %s"
                        .formatted(Sizes.exact(SIZE_UNIT), Sizes.exact(sizeBytes));
    }

    /**
     * The list of slots must not grow under a volume, so volumes begin when every expected node has
     * brought its devices once.
     */
    private static void everyNodeHasCome(Draft draft) {
        List<Integer> missing =
                draft.nodes.values().stream()
                        .filter(node -> node.incarnation() == 0)
                        .filter(node -> node.state() != NodeState.REMOVED)
                        .map(NodeEntry::id)
                        .toList();
        if (!missing.isEmpty()) {
            throw Refusal.of(
                    Outcome.NOT_READY,
                    "nodes %s have never started, and their devices are not known",
                    missing);
        }
    }

    /** What hosts call a volume of this name. */
    public static String nqn(ClusterMap map, String name) {
        String shortId = map.clusterId().toString().substring(0, SHORT_ID_CHARS);
        return "nqn.2026-11.io.stria:" + shortId + ":" + name;
    }

    static void restartOwner(Draft draft, Decision.RestartOwner restart) {
        VolumeEntry volume = SyncRules.served(draft, restart.vuid(), restart.volumeEpoch());
        draft.startOwner(volume, volume.owner());
    }

    static void take(Draft draft, Decision.TakeVolume take) {
        VolumeEntry volume = SyncRules.served(draft, take.vuid(), take.volumeEpoch());
        if (volume.state() != VolumeState.ONLINE) {
            throw Refusal.of(Outcome.CONFLICT, "volume %s is being deleted", volume.name());
        }
        if (!volume.paths().contains(take.nodeId()) || !draft.online(take.nodeId())) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "node %d does not present volume %s now",
                    take.nodeId(),
                    volume.name());
        }
        if (volume.owner() == take.nodeId()) {
            throw Refusal.already();
        }
        draft.startOwner(volume, take.nodeId());
    }

    static void delete(Draft draft, Decision.DeleteVolume delete) {
        VolumeEntry volume =
                draft.volumes.values().stream()
                        .filter(entry -> entry.name().equals(delete.name()))
                        .filter(entry ->
                                delete.id().equals(entry.id()) || delete.id().equals(AnyVolume.ID))
                        .findFirst()
                        .orElseThrow(() ->
                                Refusal.of(
                                        Outcome.NOT_FOUND, "there is no volume %s", delete.name()));
        if (volume.state() == VolumeState.DELETING) {
            throw Refusal.already();
        }
        draft.volumes.put(volume.vuid(), volume.withState(VolumeState.DELETING));
    }

    static void deleted(Draft draft, Decision.VolumeDeleted deleted) {
        VolumeEntry volume = draft.volumes.get(deleted.vuid());
        if (volume == null) {
            throw Refusal.already();
        }
        if (volume.state() != VolumeState.DELETING) {
            throw Refusal.of(Outcome.CONFLICT, "volume %s is not being deleted", volume.name());
        }
        draft.volumes.remove(volume.vuid());
    }
}
