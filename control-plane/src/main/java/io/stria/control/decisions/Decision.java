package io.stria.control.decisions;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.json.AnyVolume;
import io.stria.control.json.LbaBytes;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A proposed change, as it stands in the log. Each one is safe to be carried out twice and late: it
 * names the state it was made for, and is refused once that has passed.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Decision.InitCluster.class, name = "initCluster"),
    @JsonSubTypes.Type(value = Decision.RegisterNode.class, name = "registerNode"),
    @JsonSubTypes.Type(value = Decision.NodeDown.class, name = "nodeDown"),
    @JsonSubTypes.Type(value = Decision.RemoveNode.class, name = "removeNode"),
    @JsonSubTypes.Type(value = Decision.AddDevice.class, name = "addDevice"),
    @JsonSubTypes.Type(value = Decision.DeviceDown.class, name = "deviceDown"),
    @JsonSubTypes.Type(value = Decision.DrainDevices.class, name = "drainDevices"),
    @JsonSubTypes.Type(value = Decision.KeepDevices.class, name = "keepDevices"),
    @JsonSubTypes.Type(value = Decision.FailDevices.class, name = "failDevices"),
    @JsonSubTypes.Type(value = Decision.LoseDevices.class, name = "loseDevices"),
    @JsonSubTypes.Type(value = Decision.ReplaceDevice.class, name = "replaceDevice"),
    @JsonSubTypes.Type(value = Decision.MovePages.class, name = "movePages"),
    @JsonSubTypes.Type(value = Decision.MarkBehind.class, name = "markBehind"),
    @JsonSubTypes.Type(value = Decision.MarkInSync.class, name = "markInSync"),
    @JsonSubTypes.Type(value = Decision.RestartOwner.class, name = "restartOwner"),
    @JsonSubTypes.Type(value = Decision.TakeVolume.class, name = "takeVolume"),
    @JsonSubTypes.Type(value = Decision.CreateVolume.class, name = "createVolume"),
    @JsonSubTypes.Type(value = Decision.DeleteVolume.class, name = "deleteVolume"),
    @JsonSubTypes.Type(value = Decision.VolumeDeleted.class, name = "volumeDeleted"),
    @JsonSubTypes.Type(value = Decision.SetRebuildAfter.class, name = "setRebuildAfter"),
})
public sealed interface Decision {
    /**
     * Makes the cluster. The nodes named here are expected: they stand in the map, offline, until
     * they register.
     *
     * @param secretId fingerprint of the secret that members share, never the secret
     */
    record InitCluster(UUID clusterId, int pageShift, String secretId, List<NodeSpec> nodes)
            implements Decision {}

    /**
     * A process of the node has started, or comes back after it counted as down. Sent only by a
     * process that holds its node's locks: so it also says that the one before it has ended.
     *
     * @param incarnation greater than any this node registered with before
     * @param devices every device it has; a slot of the node whose device is not here is away
     */
    record RegisterNode(NodeSpec node, long incarnation, List<DeviceSpec> devices)
            implements Decision {}

    /** The node's lease has ended, or its process; proposed by the leader alone. */
    record NodeDown(int nodeId, long incarnation, String reason) implements Decision {}

    /**
     * The node is no member any more, for ever. Only one that is offline, and on which nothing
     * rests. Offline means that the lease of its last incarnation has run out, or that its end is
     * attested; of one before it, on another machine, see "Restarts" in docs/correctness.md.
     *
     * @param incarnation the last one that was seen: one that has come back since stays
     */
    record RemoveNode(int nodeId, long incarnation) implements Decision {
        /** What everybody is told who asks for something as this node, or of it. */
        public static String sentence(int nodeId) {
            return "node %d was removed from the cluster, and no node gets its number again"
                    .formatted(nodeId);
        }
    }

    /** A device that a node has registered gets a slot; volumes begin to use it at once. */
    record AddDevice(int nodeId, long incarnation, DeviceSpec device) implements Decision {}

    /** A device no longer answers, though its node does; it is back when the node registers it. */
    record DeviceDown(int nodeId, long incarnation, UUID deviceId, String reason)
            implements Decision {}

    /** All chunks are to leave these devices, which serve until then; all of them, or none. */
    record DrainDevices(List<UUID> deviceIds) implements Decision {
        public DrainDevices {
            deviceIds = List.copyOf(deviceIds);
        }
    }

    /** Devices that were to be drained stay; what has left them comes back. */
    record KeepDevices(List<UUID> deviceIds) implements Decision {
        public KeepDevices {
            deviceIds = List.copyOf(deviceIds);
        }
    }

    /**
     * Somebody knows that these devices are lost for good: what they held is rebuilt on the others,
     * and whatever they still say is ignored. All of them, or none.
     */
    record FailDevices(List<UUID> deviceIds, String reason) implements Decision {
        public FailDevices {
            deviceIds = List.copyOf(deviceIds);
        }
    }

    /** A device that is away, and the newest incarnation of its node, which came without it. */
    record LostDevice(UUID deviceId, long incarnation) {}

    /**
     * These devices have been away for so long that they are taken for lost; proposed by the leader
     * alone. As {@link FailDevices}, but only if they are away still and nothing speaks against it.
     */
    record LoseDevices(List<LostDevice> devices, String reason) implements Decision {
        public LoseDevices {
            devices = List.copyOf(devices);
        }
    }

    /**
     * A device that its node has registered takes the slot of one of the same node that is away for
     * good, and is filled with what that one held.
     */
    record ReplaceDevice(UUID lostId, UUID byId) implements Decision {}

    /**
     * The owner has moved these pages to where the list of slots has them that the volume moves to.
     *
     * @param since which movement it is, as the map has it
     * @param from where the cursor was
     * @param to first page that has not moved; the number of pages when all have
     * @param without slots that are behind, and did not get their chunks
     */
    record MovePages(
            int vuid, int volumeEpoch, long since, long from, long to, SortedSet<Integer> without)
            implements Decision {
        public MovePages {
            without = Collections.unmodifiableSortedSet(new TreeSet<>(without));
        }
    }

    /**
     * The owner is about to acknowledge writes without this location. Marking again renews the mark
     * with the epoch this makes.
     */
    record MarkBehind(int vuid, int volumeEpoch, int slot, String reason) implements Decision {}

    /**
     * The owner has caught the slot up.
     *
     * @param markEpoch the mark it saw when it began: a newer one is not taken away
     */
    record MarkInSync(int vuid, int volumeEpoch, int slot, long markEpoch) implements Decision {}

    /** The owner asks for a new start of itself, with a new volume epoch. */
    record RestartOwner(int vuid, int volumeEpoch, String reason) implements Decision {}

    /**
     * The owner at this epoch has said that it does not reach as many stores as writes need, and
     * this node, which presents the volume too, reaches all of them: it is the owner from now on.
     */
    record TakeVolume(int vuid, int volumeEpoch, int nodeId) implements Decision {}

    /**
     * @param id chosen by the proposer; also the NGUID that hosts see
     * @param lbaBytes size of logical blocks; decisions written before there was a choice do not
     *     say it, and those that ask for the default do not either
     */
    record CreateVolume(
            UUID id,
            String name,
            long sizeBytes,
            Scheme scheme,
            Tolerance tolerance,
            @JacksonInject(value = LbaBytes.NAME, useInput = OptBoolean.TRUE)
                    @JsonInclude(
                            value = JsonInclude.Include.CUSTOM,
                            valueFilter = LbaBytes.IsDefault.class)
                    int lbaBytes)
            implements Decision {
        /** With logical blocks of the default size. */
        public CreateVolume(
                UUID id, String name, long sizeBytes, Scheme scheme, Tolerance tolerance) {
            this(id, name, sizeBytes, scheme, tolerance, VolumeEntry.LBA_BYTES_DEFAULT);
        }
    }

    /**
     * The volume refuses IO from now on. When every node knows, or is without a lease, it goes.
     *
     * @param id which volume of that name: a proposal that arrives late, or twice, must not meet a
     *     younger one
     */
    record DeleteVolume(
            String name, @JacksonInject(value = AnyVolume.NAME, useInput = OptBoolean.TRUE) UUID id)
            implements Decision {}

    /**
     * Nobody serves the volume that is being deleted any more: it leaves the map, and stores drop
     * what the map does not have; proposed by the leader alone.
     */
    record VolumeDeleted(int vuid) implements Decision {}

    /**
     * How long a device is away before the leader takes it for lost.
     *
     * @param seconds 0: never
     */
    record SetRebuildAfter(long seconds) implements Decision {
        /** A year. */
        public static final long SECONDS_MAX = 365 * 86_400L;
    }
}
