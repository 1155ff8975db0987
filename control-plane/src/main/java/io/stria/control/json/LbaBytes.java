package io.stria.control.json;

import io.stria.clustermap.VolumeEntry;
import org.jspecify.annotations.Nullable;

/**
 * The size of a volume's logical blocks in JSON: left out where it is the default. So what was
 * written before there was a choice is read, and what holds no other choice is read by programs of
 * that time.
 */
public final class LbaBytes {
    /** The field, and what stands for it where it is missing. */
    public static final String NAME = "lbaBytes";

    private LbaBytes() {}

    /** Equal to what is left out. */
    public static final class IsDefault {
        @Override
        public boolean equals(@Nullable Object value) {
            return value instanceof Integer bytes && bytes == VolumeEntry.LBA_BYTES_DEFAULT;
        }

        @Override
        public int hashCode() {
            return VolumeEntry.LBA_BYTES_DEFAULT;
        }
    }
}
