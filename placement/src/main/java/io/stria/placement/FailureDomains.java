package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.NodeEntry;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What fails together with what: each slot is in a node, in a rack of that name in a zone, in a
 * zone, all numbered densely from zero. Immutable.
 *
 * <p>Caps on nested domains make a laminar matroid: any set of chunks that obeys them can be
 * extended to as many as some set has. So placing one chunk after the other never runs into a dead
 * end while {@link #capacity} is enough.
 */
final class FailureDomains {
    /** {@link #excess} of a slot that already has a chunk of the page. */
    static final int TAKEN = Integer.MAX_VALUE;

    private static final int NODE_BITS = 16;
    private static final int ZONE_SHIFT = 32;

    private final int[] zoneOf;
    private final int[] rackOf;
    private final int[] nodeOf;
    private final int[] rackOfNode;
    private final int[] zoneOfRack;
    private final int zones;

    /** All three in one: zone in bits 32 and up, rack in bits 16 to 31, node below. */
    private final long[] domainsOf;

    FailureDomains(ClusterMap map) {
        int slots = map.slots().size();
        zoneOf = new int[slots];
        rackOf = new int[slots];
        nodeOf = new int[slots];
        domainsOf = new long[slots];
        Map<String, Integer> zoneIds = new HashMap<>();
        Map<List<String>, Integer> rackIds = new HashMap<>();
        Map<Integer, Integer> nodeIds = new HashMap<>();
        int[] zonesByRack = new int[slots];
        int[] racksByNode = new int[slots];
        for (DeviceSlot slot : map.slots()) {
            NodeEntry node = map.nodeOf(slot);
            int zone = number(zoneIds, node.zone());
            int rack = number(rackIds, List.of(node.zone(), node.rack()));
            int nodeId = number(nodeIds, node.id());
            zonesByRack[rack] = zone;
            racksByNode[nodeId] = rack;
            zoneOf[slot.slot()] = zone;
            rackOf[slot.slot()] = rack;
            nodeOf[slot.slot()] = nodeId;
            domainsOf[slot.slot()] = (long) zone << ZONE_SHIFT | (long) rack << NODE_BITS | nodeId;
        }
        zones = zoneIds.size();
        zoneOfRack = Arrays.copyOf(zonesByRack, rackIds.size());
        rackOfNode = Arrays.copyOf(racksByNode, nodeIds.size());
    }

    private static <K> int number(Map<K, Integer> ids, K key) {
        int next = ids.size();
        Integer known = ids.putIfAbsent(key, next);
        return known == null ? next : known;
    }

    boolean sameAs(FailureDomains other) {
        return Arrays.equals(zoneOf, other.zoneOf)
                && Arrays.equals(rackOf, other.rackOf)
                && Arrays.equals(nodeOf, other.nodeOf);
    }

    int zones(BitSet slots) {
        return (int) slots.stream().map(slot -> zoneOf[slot]).distinct().count();
    }

    int racks(BitSet slots) {
        return (int) slots.stream().map(slot -> rackOf[slot]).distinct().count();
    }

    int nodes(BitSet slots) {
        return (int) slots.stream().map(slot -> nodeOf[slot]).distinct().count();
    }

    /**
     * The smallest caps with which these slots take so many chunks, first the zones', then the
     * racks', then the nodes'. There must be as many slots.
     */
    Caps smallest(int chunks, BitSet slots) {
        assert slots.cardinality() >= chunks;
        int zone = 1;
        while (capacity(new Caps(zone, chunks, chunks), slots) < chunks) {
            zone++;
        }
        int rack = 1;
        while (capacity(new Caps(zone, rack, chunks), slots) < chunks) {
            rack++;
        }
        int node = 1;
        while (capacity(new Caps(zone, rack, node), slots) < chunks) {
            node++;
        }
        return new Caps(zone, rack, node);
    }

    /** The most chunks of one page that these slots take. */
    int capacity(Caps caps, BitSet slots) {
        int[] inNode = new int[rackOfNode.length];
        slots.stream().forEach(slot -> inNode[nodeOf[slot]]++);
        int[] inRack = new int[zoneOfRack.length];
        for (int node = 0; node < inNode.length; node++) {
            inRack[rackOfNode[node]] += Math.min(inNode[node], caps.node());
        }
        int[] inZone = new int[zones];
        for (int rack = 0; rack < inRack.length; rack++) {
            inZone[zoneOfRack[rack]] += Math.min(inRack[rack], caps.rack());
        }
        return Arrays.stream(inZone).map(count -> Math.min(count, caps.zone())).sum();
    }

    /**
     * By how much caps would have to be raised for the slot to take one more chunk of a page: the
     * zone's in bits 16 and up, the rack's in bits 8 to 15, the node's below, so that the smaller
     * number is the better slot; or {@link #TAKEN}.
     *
     * @param placed slots of the page's chunks, negative for those that have none
     */
    int excess(int slot, Caps caps, int[] placed, int chunks) {
        long domains = domainsOf[slot];
        int inZone = 1;
        int inRack = 1;
        int inNode = 1;
        for (int chunk = 0; chunk < chunks; chunk++) {
            int other = placed[chunk];
            if (other == slot) {
                return TAKEN;
            }
            if (other >= 0) {
                // Zero from where on they have the same domain.
                long difference = domainsOf[other] ^ domains;
                inZone += difference >>> ZONE_SHIFT == 0 ? 1 : 0;
                inRack += difference >>> NODE_BITS == 0 ? 1 : 0;
                inNode += difference == 0 ? 1 : 0;
            }
        }
        return excess(caps, inZone, inRack, inNode);
    }

    /**
     * The same during pass 2.
     *
     * @param pairs for each chunk the slot where it was in bits 16 to 31, the slot where it is
     *     below
     * @param ignored a bit for each chunk that does not count
     * @param andWas whether a chunk counts in the domains where it was, too; once in each
     */
    int excess(int slot, Caps caps, int[] pairs, int chunks, int ignored, boolean andWas) {
        long domains = domainsOf[slot];
        int inZone = 1;
        int inRack = 1;
        int inNode = 1;
        for (int chunk = 0; chunk < chunks; chunk++) {
            if ((ignored >>> chunk & 1) == 0) {
                int is = pairs[chunk] & 0xffff;
                if (is == slot) {
                    return TAKEN;
                }
                long fromIs = domainsOf[is] ^ domains;
                long fromWas = andWas ? domainsOf[pairs[chunk] >>> 16] ^ domains : fromIs;
                inZone += fromIs >>> ZONE_SHIFT == 0 || fromWas >>> ZONE_SHIFT == 0 ? 1 : 0;
                inRack += fromIs >>> NODE_BITS == 0 || fromWas >>> NODE_BITS == 0 ? 1 : 0;
                inNode += fromIs == 0 || fromWas == 0 ? 1 : 0;
            }
        }
        return excess(caps, inZone, inRack, inNode);
    }

    private static int excess(Caps caps, int inZone, int inRack, int inNode) {
        return Math.max(0, inZone - caps.zone()) << 16
                | Math.max(0, inRack - caps.rack()) << 8
                | Math.max(0, inNode - caps.node());
    }
}
