package io.stria.clustermap;

import java.util.List;
import java.util.UUID;

/**
 * Everything all nodes agree on, at one epoch. Immutable; a change is a new map with the next
 * epoch.
 *
 * @param pageShift m: a chunk is 2^m units of 512 bytes; fixed when the cluster is made
 * @param nodes ordered by id
 * @param slots ordered by slot, without holes
 * @param volumes ordered by VUID
 */
public record ClusterMap(
        UUID clusterId,
        long epoch,
        int pageShift,
        List<NodeEntry> nodes,
        List<DeviceSlot> slots,
        List<VolumeEntry> volumes) {}
