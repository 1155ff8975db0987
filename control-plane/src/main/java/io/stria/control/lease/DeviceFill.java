package io.stria.control.lease;

import java.util.UUID;

/** How full a device is that takes writes, in pages of its store, each of which holds a chunk. */
public record DeviceFill(UUID deviceId, long pagesUsed, long pagesTotal) {
    /** No device is to be filled further by a rebuild that nobody has asked for. */
    public static final int HIGH_WATER_PERCENT = 85;

    public DeviceFill {
        if (pagesUsed < 0 || pagesTotal < pagesUsed) {
            throw new IllegalArgumentException(
                    "%d of %d pages are used".formatted(pagesUsed, pagesTotal));
        }
    }

    /** From 0 to 100. */
    public double percent() {
        return pagesTotal == 0 ? 0 : 100.0 * pagesUsed / pagesTotal;
    }
}
