package io.stria.control.json;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeState;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;

/**
 * What the map's own module cannot say of its record of a volume: fields that came later are read
 * as what they stood for before, where they are missing.
 */
abstract class VolumeFields {
    /** What stands for the placing of volumes that were written before they had one. */
    static final String PLACING = "placing";

    @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = LbaBytes.IsDefault.class)
    int lbaBytes;

    VolumeFields(
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
            @JacksonInject(value = LbaBytes.NAME, useInput = OptBoolean.TRUE) int lbaBytes,
            @JacksonInject(value = PLACING, useInput = OptBoolean.TRUE) Placing placing) {}
}
