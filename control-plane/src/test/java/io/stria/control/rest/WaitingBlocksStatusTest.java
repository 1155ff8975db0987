package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.VolumeState;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A volume has an owner that serves it, and some of its blocks cannot be read now: the cluster's
 * status says so, and the volume itself.
 */
class WaitingBlocksStatusTest {
    private static final String WAITS =
            "volume demo may have more than 2 chunks of a page away or behind:"
                    + " IO of such blocks waits until they are back";

    private static ClusterViews views(VolumeState state, int away, Long... behind) {
        TreeMap<Integer, Long> slotsBehind = new TreeMap<>();
        for (int i = 0; i < behind.length; i++) {
            slotsBehind.put(i, behind[i]);
        }
        ClusterMap map = Maps.of(state, slotsBehind);
        List<DeviceSlot> slots =
                map.slots().stream()
                        .map(slot ->
                                slot.slot() >= 4 - away
                                        ? slot.withState(DeviceState.UNAVAILABLE)
                                        : slot)
                        .toList();
        ClusterMap without = map.next(map.nodes(), slots, map.volumes());
        return new ClusterViews(without, null, new MoveRates(), 0);
    }

    private static List<String> problems(VolumeState state, int away, Long... behind) {
        ClusterViews views = views(state, away, behind);
        List<String> said = views.cluster(1).problems().stream().filter(WAITS::equals).toList();
        assertEquals(!said.isEmpty(), views.volume("demo").orElseThrow().blocksMayWait());
        assertEquals(!said.isEmpty(), views.volumes().getFirst().blocksMayWait());
        return said;
    }

    @Test
    void itIsSaid() {
        assertEquals(List.of(), problems(VolumeState.ONLINE, 2));
        assertEquals(List.of(WAITS), problems(VolumeState.ONLINE, 3));
        assertEquals(List.of(WAITS), problems(VolumeState.ONLINE, 2, 7L), "one is behind");
        assertEquals(List.of(), problems(VolumeState.ONLINE, 1, 7L));
    }

    @Test
    void nobodyWaitsForOneThatIsDeleted() {
        assertEquals(List.of(), problems(VolumeState.DELETING, 3));
    }
}
