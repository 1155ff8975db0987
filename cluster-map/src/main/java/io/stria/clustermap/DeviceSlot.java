package io.stria.clustermap;

import java.util.UUID;

/**
 * One slot of the flat list that placement draws from.
 *
 * @param slot position in the list, oldest first; never changes
 * @param weight relative share of chunks; usually the size in GiB
 */
public record DeviceSlot(
        int slot, UUID deviceId, int nodeId, long sizeBytes, long weight, DeviceState state) {
    public DeviceSlot withState(DeviceState newState) {
        return new DeviceSlot(slot, deviceId, nodeId, sizeBytes, weight, newState);
    }
}
