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
 * taken. Where pass 2 has no permitted slot, caps are raised by the least that permits one, the
 * zone's only if no slot meets it, then the rack's, then the node's.
 *
 * <p>Removing a second device can move a few chunks that an earlier tombstone had won, in pages
 * that had chunks on both: which of the two was drawn again first is not in the map. A rebuild
 * therefore compares the placements before and after, for every chunk of a page.
 */
public final class Placement {
    /** In place of a slot: no usable device is left for this chunk. */
    public static final int NOWHERE = -1;

    private static final int TRIES = 64;

    /** Tries of pass 2 before the look whether any slot is permitted; no result depends on it. */
    private static final int EARLY_TRIES = 12;

    private static final int SCHEMES = 4;

    private final WeightedJump jump;
    private final FailureDomains domains;
    private final SchemeRules[] rules = new SchemeRules[SCHEMES];
    private final BitSet listed;
    private final BitSet lasting;
    private final boolean tombstones;

    private Placement(ClusterMap map) {
        jump = new WeightedJump(map.slots());
        domains = new FailureDomains(map);
        listed = new BitSet(jump.slots());
        listed.set(0, jump.slots());
        lasting = new BitSet(jump.slots());
        map.slots().stream()
                .filter(slot -> slot.state() != DeviceState.REMOVED)
                .forEach(slot -> lasting.set(slot.slot()));
        tombstones = lasting.cardinality() < jump.slots();
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
        keepUsable(slotsOut, rule.chunks(), lasting, slotsOut);
        return placeMissing(pageKey, rule, lasting, slotsOut);
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
        if (keepUsable(primaryIn, rule.chunks(), usable, slotsOut) == 0) {
            return 0;
        }
        return placeMissing(DrawHash.pageKey(vuid, page), rule, usable, slotsOut);
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

    private int keepUsable(int[] slotsIn, int chunks, BitSet usable, int[] slotsOut) {
        int dropped = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            int slot = slotsIn[chunk];
            boolean keep = slot >= 0 && usable.get(slot);
            slotsOut[chunk] = keep ? slot : NOWHERE;
            dropped += keep ? 0 : 1;
        }
        return dropped;
    }

    /** Pass 1. Caps that the list meets always leave a slot for the next chunk. */
    private void placeAll(long pageKey, SchemeRules rule, int[] slots) {
        jump.firstWinners(pageKey, rule.chunks(), slots);
        for (int chunk = 0; chunk < rule.chunks(); chunk++) {
            int first = ~slots[chunk];
            slots[chunk] =
                    permits(first, rule, listed, 0, slots)
                            ? first
                            : placeAgain(pageKey, chunk, rule, slots);
            assert slots[chunk] >= 0 : "caps that the list meets were not met";
        }
    }

    private int placeAgain(long pageKey, int chunk, SchemeRules rule, int[] slots) {
        int slot = draw(pageKey, chunk, 1, TRIES, rule, listed, 0, slots);
        return slot != NOWHERE ? slot : rendezvous(pageKey, chunk, rule, listed, 0, slots);
    }

    /** Pass 2. */
    private int placeMissing(long pageKey, SchemeRules rule, BitSet usable, int[] slots) {
        int missing = 0;
        for (int chunk = 0; chunk < rule.chunks(); chunk++) {
            if (slots[chunk] == NOWHERE) {
                slots[chunk] = place(pageKey, chunk, rule, usable, slots);
                missing += slots[chunk] == NOWHERE ? 1 : 0;
            }
        }
        return missing;
    }

    private int place(long pageKey, int chunk, SchemeRules rule, BitSet usable, int[] slots) {
        int early = draw(pageKey, chunk, 0, EARLY_TRIES, rule, usable, 0, slots);
        if (early != NOWHERE) {
            return early;
        }
        int excess = leastExcess(rule, usable, slots);
        if (excess == FailureDomains.TAKEN) {
            return NOWHERE;
        }
        int firstTry = excess == 0 ? EARLY_TRIES : 0;
        int late = draw(pageKey, chunk, firstTry, TRIES, rule, usable, excess, slots);
        return late != NOWHERE ? late : rendezvous(pageKey, chunk, rule, usable, excess, slots);
    }

    private int draw(
            long pageKey,
            int chunk,
            int firstTry,
            int lastTry,
            SchemeRules rule,
            BitSet usable,
            int excess,
            int[] slots) {
        for (int i = firstTry; i < lastTry; i++) {
            int slot = jump.winner(DrawHash.drawKey(pageKey, chunk + i * rule.prime()));
            if (permits(slot, rule, usable, excess, slots)) {
                return slot;
            }
        }
        return NOWHERE;
    }

    private int rendezvous(
            long pageKey, int chunk, SchemeRules rule, BitSet usable, int excess, int[] slots) {
        long key = DrawHash.rendezvousKey(pageKey, chunk);
        int best = NOWHERE;
        long bestScore = 0;
        for (int slot = 0; slot < jump.slots(); slot++) {
            if (permits(slot, rule, usable, excess, slots)) {
                long score = DrawHash.step(key, slot);
                if (best == NOWHERE || Long.compareUnsigned(score, bestScore) > 0) {
                    best = slot;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private boolean permits(int slot, SchemeRules rule, BitSet usable, int excess, int[] slots) {
        return isCandidate(slot, usable)
                && domains.excess(slot, rule.caps(), slots, rule.chunks()) == excess;
    }

    private int leastExcess(SchemeRules rule, BitSet usable, int[] slots) {
        int least = FailureDomains.TAKEN;
        for (int slot = 0; slot < jump.slots() && least > 0; slot++) {
            if (isCandidate(slot, usable)) {
                least = Math.min(least, domains.excess(slot, rule.caps(), slots, rule.chunks()));
            }
        }
        return least;
    }

    private boolean isCandidate(int slot, BitSet usable) {
        return usable.get(slot) && (usable == listed || lasting.get(slot));
    }
}
