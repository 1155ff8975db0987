package io.stria.clustermap;

import java.util.Objects;
import java.util.UUID;

/**
 * One slot of the flat list that placement draws from.
 *
 * @param slot position in the list, oldest first; never changes
 * @param nodeId the node it is in; that node stays in the map as long as the slot does, since its
 *     failure domains take part in every draw
 * @param weight relative share of chunks, 1 to {@link #WEIGHT_MAX}; usually the size in GiB
 */
public record DeviceSlot(
        int slot, UUID deviceId, int nodeId, long sizeBytes, long weight, DeviceState state) {
    /** Low enough that the weights of all slots add up without overflow. */
    public static final long WEIGHT_MAX = 1L << 40;

    /** The longest list. */
    public static final int SLOTS_MAX = 1 << 16;

    public DeviceSlot {
        Objects.requireNonNull(deviceId, "deviceId");
        Objects.requireNonNull(state, "state");
        Checks.range("slot", slot, 0, SLOTS_MAX - 1);
        Checks.range("node of slot " + slot, nodeId, 1, Integer.MAX_VALUE);
        Checks.range("size of slot " + slot, sizeBytes, 0, Long.MAX_VALUE);
        Checks.range("weight of slot " + slot, weight, 1, WEIGHT_MAX);
    }

    public DeviceSlot withState(DeviceState newState) {
        return new DeviceSlot(slot, deviceId, nodeId, sizeBytes, weight, newState);
    }
}
