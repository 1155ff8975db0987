package io.stria.control.lease;

import java.util.UUID;

/** How full a device is that takes writes, in pages of its store, each of which holds a chunk. */
public record DeviceFill(UUID deviceId, long pagesUsed, long pagesTotal) {
    public DeviceFill {
        if (pagesUsed < 0 || pagesTotal < pagesUsed) {
            throw new IllegalArgumentException(
                    "%d of %d pages are used".formatted(pagesUsed, pagesTotal));
        }
    }
}
