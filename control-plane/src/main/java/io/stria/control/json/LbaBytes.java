package io.stria.control.json;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
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

    /** What the map's own module cannot say of its record. */
    abstract static class OfVolume {
        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = IsDefault.class)
        int lbaBytes;

        OfVolume(
                int vuid,
                UUID id,
                String name,
                String nqn,
                long sizeBytes,
                Scheme scheme,
                Tolerance tolerance,
                VolumeState state,
                int epoch,
                int owner,
                List<Integer> paths,
                SortedMap<Integer, Long> behind,
                @JacksonInject(value = NAME, useInput = OptBoolean.TRUE) int lbaBytes) {}
    }
}
