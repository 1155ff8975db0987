package io.stria.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Scheme;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Places pages for tests, and says what the plain rules are. */
final class Pages {
    static final int VUID = 0x1234;

    private Pages() {}

    static int[] primary(Placement placement, long page, Scheme scheme) {
        int[] slots = new int[scheme.fragments()];
        assertEquals(0, placement.primary(VUID, page, scheme, slots), "page " + page);
        return slots;
    }

    static int[] current(Placement placement, long page, Scheme scheme, BitSet usable) {
        int[] slots = primary(placement, page, scheme);
        int missing = placement.current(VUID, page, scheme, slots, usable, slots);
        assertEquals(
                missing, Arrays.stream(slots).filter(slot -> slot == Placement.NOWHERE).count());
        return slots;
    }

    static void assertObeys(ClusterMap map, int[] slots, Caps caps, String what) {
        assertEquals(slots.length, Arrays.stream(slots).distinct().count(), what);
        assertTrue(most(map, slots, NodeEntry::zone) <= caps.zone(), what + ": zone");
        assertTrue(
                most(map, slots, node -> node.zone() + "/" + node.rack()) <= caps.rack(),
                what + ": rack");
        assertTrue(most(map, slots, NodeEntry::id) <= caps.node(), what + ": node");
    }

    /** The most chunks in one domain. */
    static <K> long most(ClusterMap map, int[] slots, Function<NodeEntry, K> domain) {
        Map<K, Long> counts =
                Arrays.stream(slots)
                        .mapToObj(slot -> domain.apply(map.nodeOf(map.slot(slot))))
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        return counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }
}
