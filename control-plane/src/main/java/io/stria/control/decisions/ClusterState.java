package io.stria.control.decisions;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.stria.clustermap.ClusterMap;
import io.stria.control.json.RebuildAfter;
import java.util.List;
import java.util.UUID;

/**
 * All that has been decided: the map, and what only the leader needs. Immutable.
 *
 * @param map at epoch 0 until the cluster is made
 * @param secretId fingerprint of the secret that members share
 * @param nextVuid VUIDs below it have been given away and are not given again
 * @param rebuildAfterSeconds a device that is away for longer is taken for lost; 0: never
 */
public record ClusterState(
        ClusterMap map,
        String secretId,
        int nextVuid,
        List<UnplacedDevice> unplaced,
        @JacksonInject(value = RebuildAfter.NAME, useInput = OptBoolean.TRUE)
                long rebuildAfterSeconds) {
    private static final UUID NO_CLUSTER = new UUID(0, 0);

    public ClusterState {
        unplaced = List.copyOf(unplaced);
    }

    /** Before the first decision. */
    public static ClusterState empty() {
        return new ClusterState(
                ClusterMap.initial(NO_CLUSTER, ClusterMap.PAGE_SHIFT_MIN),
                "",
                1,
                List.of(),
                RebuildAfter.SECONDS_DEFAULT);
    }

    public boolean initialised() {
        return map.epoch() > 0;
    }
}
