package io.stria.control.rest;

import io.stria.control.decisions.Survival;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Answers about the cluster; field names are part of the API. */
final class ClusterJson {
    private ClusterJson() {}

    record Count(int total, int online) {}

    /**
     * @param health healthy, degraded or unavailable
     * @param problems why it is not healthy, in sentences
     * @param notes what else is worth knowing, in sentences
     * @param space null while no device has told how full it is
     * @param voters online are those that are known to take part in decisions
     */
    record Cluster(
            UUID id,
            long epoch,
            long inForceEpoch,
            int pageShift,
            String health,
            List<String> problems,
            List<String> notes,
            @Nullable Integer leader,
            Count nodes,
            Count devices,
            Count volumes,
            Count voters,
            @Nullable Space space,
            List<VolumeMovement> movements) {}

    /**
     * On devices that are there, with parity.
     *
     * @param fullestPercent of the device that is fullest
     */
    record Space(long usedBytes, long usableBytes, double fullestPercent) {}

    record Node(
            int id,
            @Nullable Long pid,
            @Nullable String engine,
            String address,
            int dataPort,
            int apiPort,
            int consensusPort,
            String zone,
            String rack,
            boolean voter,
            String state,
            boolean leader,
            @Nullable Boolean leased,
            @Nullable String voterState,
            @Nullable String voterReason,
            long incarnation,
            @Nullable Long appliedEpoch) {}

    /**
     * A device without a slot has a reason for it.
     *
     * @param usedBytes null, as usableBytes, while nobody has told how full it is
     * @param usableBytes what it has room for, used or not
     */
    record Device(
            @Nullable Integer slot,
            UUID id,
            int node,
            long sizeBytes,
            @Nullable Long usedBytes,
            @Nullable Long usableBytes,
            long weight,
            String state,
            @Nullable String reason) {}

    /**
     * @param serving null when no leader answers
     * @param blocksMayWait some pages may have more chunks away or behind than can be done without
     */
    record Volume(
            String name,
            UUID id,
            int vuid,
            String nqn,
            long sizeBytes,
            int lbaBytes,
            String scheme,
            String tolerance,
            String state,
            int volumeEpoch,
            int owner,
            @Nullable Boolean serving,
            boolean blocksMayWait,
            List<Integer> paths,
            List<Integer> behind,
            List<BehindSlot> behindSlots,
            @Nullable Movement movement,
            @Nullable Scrub scrub,
            Survival survives) {}

    /** A slot that does not hold every acknowledged write yet, and where it is. */
    record BehindSlot(int slot, int node) {}

    /**
     * Chunks of a volume on their way to other slots.
     *
     * @param pages of the volume
     * @param cursor those of them that have been moved
     * @param bytesPerSecond of the volume that the cursor passes; null until that is known
     * @param secondsLeft null until that is known, and while nothing moves
     */
    record Movement(
            long pages,
            long cursor,
            double percent,
            @Nullable Long bytesPerSecond,
            @Nullable Long secondsLeft) {}

    /**
     * What the volume's present owner has compared since it began.
     *
     * @param underWay a pass runs, or is to begin as soon as no chunks move
     * @param pagesDone of that pass
     * @param pages of the volume
     * @param passes that came to their end
     * @param endedSecondsAgo when the last of them did; null before the first has
     * @param faults fragments found wrong or missing
     * @param repaired those of them that were written again
     * @param strays chunks that lay where they did not belong, freed
     */
    record Scrub(
            boolean underWay,
            long pagesDone,
            long pages,
            long passes,
            @Nullable Long endedSecondsAgo,
            long blocks,
            long faults,
            long repaired,
            long strays) {}

    /** The owner of that epoch has been asked for a scrub. */
    record ScrubTaken(String volume, int owner, int volumeEpoch, String note) {}

    record VolumeMovement(String volume, Movement movement) {}

    /**
     * @param problem why the volume would not stay available; null if it would
     */
    record StopVolume(String name, boolean ok, @Nullable String problem, Survival survives) {}

    record StopCheck(int node, boolean ok, String reason, List<StopVolume> volumes) {}

    /** One way to a volume, in the words of {@code nvme connect}. */
    record Path(int node, String traddr, String trsvcid, String ana) {}

    record Connect(String nqn, List<Path> paths) {}

    record Leader(int node, long term, @Nullable String address, @Nullable Integer apiPort) {}

    /**
     * @param rebuildAfterSeconds a device that is away for longer is taken for lost; 0: never
     */
    record Settings(long rebuildAfterSeconds) {}

    /** After a change: the epoch it made, or the present one if it changed nothing. */
    record Change(long epoch, @Nullable Volume volume) {}

    /**
     * @param epoch that the removal made, or the present one if the node had been removed before
     * @param before whether it had
     */
    record NodeRemoval(long epoch, int node, boolean before) {}

    /** After a change of devices: the epoch it made, or the present one if it changed nothing. */
    record DeviceChange(long epoch, List<Device> devices) {}
}
