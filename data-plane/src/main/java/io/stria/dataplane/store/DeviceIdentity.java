package io.stria.dataplane.store;

import java.util.UUID;

/**
 * Which device of which cluster this is.
 *
 * @param pageShift m: a low-level page holds 2^m units of 512 bytes; 8 to 12, one for the cluster
 */
public record DeviceIdentity(UUID clusterId, UUID deviceId, int pageShift) {
    public static final int PAGE_SHIFT_MIN = 8;
    public static final int PAGE_SHIFT_MAX = 12;

    public DeviceIdentity {
        if (pageShift < PAGE_SHIFT_MIN || pageShift > PAGE_SHIFT_MAX) {
            throw new IllegalArgumentException(
                    "page shift m = %d is not between %d and %d"
                            .formatted(pageShift, PAGE_SHIFT_MIN, PAGE_SHIFT_MAX));
        }
    }
}
