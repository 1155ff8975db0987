package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Whether a cluster can hold volumes of a scheme, and what they survive with all data in place.
 * Only slots whose device is meant to stay count: not removed, failed or draining ones.
 *
 * <p>Any two losses cost at most two chunks of a page where a node takes one chunk (n+2 nodes), any
 * one where it takes two (ceil((n+2)/2) nodes). Zones come first: uneven ones can put two chunks in
 * a node although there are enough nodes.
 *
 * @param placeable whether each chunk of a page gets a device of its own
 * @param feasible whether what was asked is given as well
 * @param survives such as "any two nodes", "any one node or any two devices", "nothing"
 * @param reason a sentence for the person who asked
 */
public record Feasibility(boolean placeable, boolean feasible, String survives, String reason) {

    public static Feasibility check(ClusterMap map, Scheme scheme, Tolerance asked) {
        BitSet staying = new BitSet();
        BitSet listed = new BitSet();
        for (DeviceSlot slot : map.slots()) {
            listed.set(slot.slot());
            staying.set(slot.slot(), stays(slot.state()));
        }
        int chunks = scheme.fragments();
        if (staying.cardinality() < chunks) {
            return new Feasibility(
                    false,
                    false,
                    "nothing",
                    "%s puts the %d chunks of a page on different devices, and there %s"
                            .formatted(scheme, chunks, count(staying.cardinality(), "device")));
        }
        FailureDomains domains = new FailureDomains(map);
        // Placement takes its caps from the listed slots, so what these allow can happen too.
        Caps caps = highest(domains.smallest(chunks, staying), domains.smallest(chunks, listed));
        String survives = survives(domains, staying, caps);
        boolean feasible = asked == Tolerance.DEVICE || caps.node() == 1;
        String reason =
                feasible
                        ? scheme + " survives the loss of " + survives
                        : shortfall(scheme, domains.nodes(staying), survives);
        return new Feasibility(true, feasible, survives, reason);
    }

    private static boolean stays(DeviceState state) {
        return switch (state) {
            case ONLINE, UNAVAILABLE, SYNCING -> true;
            case FAILED, DRAINING, REMOVED -> false;
        };
    }

    private static Caps highest(Caps one, Caps other) {
        return new Caps(
                Math.max(one.zone(), other.zone()),
                Math.max(one.rack(), other.rack()),
                Math.max(one.node(), other.node()));
    }

    private static String survives(FailureDomains domains, BitSet staying, Caps caps) {
        String two = "any two devices";
        String one = "";
        for (Level level : levels(domains, staying, caps)) {
            if (level.cap() == 1) {
                two = "any two " + level.name() + "s";
            } else if (level.cap() == 2) {
                one = "any one " + level.name() + " or ";
            }
        }
        return one + two;
    }

    /** From the narrowest up; a level that groups nothing the one below does not is left out. */
    private static List<Level> levels(FailureDomains domains, BitSet staying, Caps caps) {
        int nodes = domains.nodes(staying);
        int racks = domains.racks(staying);
        int zones = domains.zones(staying);
        List<Level> levels = new ArrayList<>();
        levels.add(new Level("node", caps.node()));
        if (racks < nodes && racks > zones) {
            levels.add(new Level("rack", caps.rack()));
        }
        if (zones < nodes) {
            levels.add(new Level("zone", caps.zone()));
        }
        return levels;
    }

    private static String shortfall(Scheme scheme, int nodes, String survives) {
        int chunks = scheme.fragments();
        String need =
                nodes < chunks
                        ? "that needs %d nodes with devices, and there %s"
                                .formatted(chunks, count(nodes, "node"))
                        : "zones and racks are too uneven for one chunk in each node";
        return "%s does not survive the loss of any two nodes: %s; it survives %s"
                .formatted(scheme, need, survives);
    }

    private static String count(int number, String noun) {
        return number == 1 ? "is 1 " + noun : "are " + number + " " + noun + "s";
    }

    private record Level(String name, int cap) {}
}
