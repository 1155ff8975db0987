package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import java.util.BitSet;

/**
 * The slots that hold the chunks of a page, as the list of slots in a cluster map has it: the same
 * on every node for the same list. Immutable and safe for any thread; placing allocates nothing.
 *
 * <p>Pass 1 draws all n+2 chunks as if every listed slot were usable, tombstones included. Pass 2
 * draws again only those whose slot is not usable: so a loss moves the chunks that were lost and no
 * others. {@link #primary} is pass 1, then pass 2 for tombstones; {@link #current} is pass 2 for
 * slots that are away for now, and leaves usable primary locations where they are.
 *
 * <p>A draw is a {@link WeightedJump} keyed by (VUID, page, chunk index + i * p), try i = 0, 1, ...
 * until its slot is permitted: usable, without another chunk of the page, and within the caps of
 * its zone, rack and node. After 64 tries the permitted slot with the highest rendezvous score is
 * taken.
 *
 * <p>In pass 2 the other lost chunks of the page keep places from a chunk as if they were still
 * there, so that it goes where it would go alone. Where that permits no slot only chunks count that
 * are there, and where that permits none either caps are raised by the least that permits one, the
 * zone's only if no slot meets it, then the rack's, then the node's.
 *
 * <p>Removing a second device can still move a chunk that an earlier tombstone had won, in pages
 * that had chunks on both, if both now want the same place: which of the two was removed first is
 * not in the map. A rebuild therefore compares the placements before and after, for every chunk of
 * a page.
 */
public final class Placement {
    /** In place of a slot: no usable device is left for this chunk. */
    public static final int NOWHERE = -1;

    static final int TRIES = 64;

    private static final int SCHEMES = 4;

    private final WeightedJump jump;
    private final FailureDomains domains;
    private final SchemeRules[] rules = new SchemeRules[SCHEMES];
    private final BitSet lasting;
    private final boolean tombstones;
    private final SecondPass secondPass;

    private Placement(ClusterMap map) {
        jump = new WeightedJump(map.slots());
        domains = new FailureDomains(map);
        BitSet listed = new BitSet(jump.slots());
        listed.set(0, jump.slots());
        lasting = new BitSet(jump.slots());
        map.slots().stream()
                .filter(slot -> slot.state() != DeviceState.REMOVED)
                .forEach(slot -> lasting.set(slot.slot()));
        tombstones = lasting.cardinality() < jump.slots();
        secondPass = new SecondPass(jump, domains, lasting);
        for (int i = 0; i < SCHEMES; i++) {
            Scheme scheme = new Scheme(1 << i);
            int chunks = scheme.fragments();
            Caps caps =
                    jump.slots() < chunks
                            ? new Caps(chunks, chunks, chunks)
                            : domains.smallest(chunks, listed);
            rules[i] = SchemeRules.of(scheme, caps);
        }
    }

    public static Placement of(ClusterMap map) {
        return new Placement(map);
    }

    /** Number of slots in the list, tombstones included. */
    public int slots() {
        return jump.slots();
    }

    /** Whether both place every page alike; most changes of a map leave the list as it is. */
    public boolean sameAs(Placement other) {
        return jump.sameAs(other.jump)
                && domains.sameAs(other.domains)
                && lasting.equals(other.lasting);
    }

    /**
     * Primary locations of a page's chunks.
     *
     * @param slotsOut its first n+2 elements take a slot each, or {@link #NOWHERE} where tombstones
     *     leave fewer devices than chunks
     * @return number of chunks without a location
     * @throws UnplaceableException if the list has fewer than n+2 slots
     */
    public int primary(int vuid, long page, Scheme scheme, int[] slotsOut) {
        SchemeRules rule = rules(scheme);
        if (jump.slots() < rule.chunks()) {
            throw new UnplaceableException(tooFew(scheme, jump.slots(), "listed"));
        }
        long pageKey = DrawHash.pageKey(vuid, page);
        placeAll(pageKey, rule, slotsOut);
        if (!tombstones) {
            return 0;
        }
        return secondPass.place(pageKey, rule, slotsOut, lasting, slotsOut);
    }

    /**
     * Locations of a page's chunks now: the primary one where it is usable, else a temporary one.
     *
     * @param primaryIn what {@link #primary} gave; may be the array that takes the result
     * @param usable slots that take writes now; tombstones in it are ignored
     * @param slotsOut its first n+2 elements take a slot each, or {@link #NOWHERE}
     * @return number of chunks without a location; {@link #unplaceable} says why
     */
    public int current(
            int vuid, long page, Scheme scheme, int[] primaryIn, BitSet usable, int[] slotsOut) {
        SchemeRules rule = rules(scheme);
        long pageKey = DrawHash.pageKey(vuid, page);
        return secondPass.place(pageKey, rule, primaryIn, usable, slotsOut);
    }

    /** Why {@link #current} finds no location for some chunk; a sentence that names the rule. */
    public String unplaceable(Scheme scheme, BitSet usable) {
        BitSet candidates = (BitSet) usable.clone();
        candidates.and(lasting);
        return tooFew(scheme, candidates.cardinality(), "usable");
    }

    private static String tooFew(Scheme scheme, int devices, String which) {
        return "unplaceable: all %d chunks of a page of %s stand on different devices, and %d %s"
                .formatted(
                        scheme.fragments(),
                        scheme,
                        devices,
                        devices == 1 ? "is " + which : "are " + which);
    }

    Caps caps(Scheme scheme) {
        return rules(scheme).caps();
    }

    private SchemeRules rules(Scheme scheme) {
        return rules[Integer.numberOfTrailingZeros(scheme.dataFragments())];
    }

    /** Pass 1. Caps that the list meets always leave a slot for the next chunk. */
    private void placeAll(long pageKey, SchemeRules rule, int[] slots) {
        jump.firstWinners(pageKey, rule.chunks(), slots);
        for (int chunk = 0; chunk < rule.chunks(); chunk++) {
            int first = ~slots[chunk];
            slots[chunk] =
                    permits(first, rule, slots) ? first : placeAgain(pageKey, chunk, rule, slots);
            assert slots[chunk] >= 0 : "caps that the list meets were not met";
        }
    }

    private int placeAgain(long pageKey, int chunk, SchemeRules rule, int[] slots) {
        for (int i = 1; i < TRIES; i++) {
            int slot = jump.winner(DrawHash.drawKey(pageKey, chunk + i * rule.prime()));
            if (permits(slot, rule, slots)) {
                return slot;
            }
        }
        return rendezvous(pageKey, chunk, rule, slots);
    }

    private int rendezvous(long pageKey, int chunk, SchemeRules rule, int[] slots) {
        long key = DrawHash.rendezvousKey(pageKey, chunk);
        int best = NOWHERE;
        long bestScore = 0;
        for (int slot = 0; slot < jump.slots(); slot++) {
            if (permits(slot, rule, slots)) {
                long score = DrawHash.step(key, slot);
                if (best == NOWHERE || Long.compareUnsigned(score, bestScore) > 0) {
                    best = slot;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private boolean permits(int slot, SchemeRules rule, int[] slots) {
        return domains.excess(slot, rule.caps(), slots, rule.chunks()) == 0;
    }
}
