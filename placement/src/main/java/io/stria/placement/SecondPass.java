package io.stria.placement;

import java.util.BitSet;

/**
 * Pass 2: draws the chunks of a page again whose slot is not usable, each against the whole list,
 * and leaves all others where they are. Immutable and safe for any thread; allocates nothing.
 *
 * <p>While one chunk is drawn, every other one keeps places from it: where it is, and where it was
 * before this pass, if it was lost as well. So a chunk that was lost first went where it goes now,
 * when another one of its page has been lost too, unless both want the same place. Only where that
 * leaves no permitted slot do just those places count where chunks are, and then caps are raised by
 * the least that permits a slot.
 *
 * <p>Until the pass ends an element of the array stands for two slots: where the chunk was in bits
 * 16 to 31, where it is below. They are the same for a chunk that stays, or waits.
 */
final class SecondPass {
    private static final int WAS_SHIFT = 16;
    private static final int IS_MASK = (1 << WAS_SHIFT) - 1;

    /** Tries before the look whether any slot is permitted; no result depends on it. */
    private static final int EARLY_TRIES = 12;

    /** Excess asked for where places count that chunks had before. */
    private static final int STRICT = -1;

    private final WeightedJump jump;
    private final FailureDomains domains;
    private final BitSet lasting;

    /**
     * @param lasting slots that are not tombstones
     */
    SecondPass(WeightedJump jump, FailureDomains domains, BitSet lasting) {
        this.jump = jump;
        this.domains = domains;
        this.lasting = lasting;
    }

    /**
     * @param slotsIn slots of the page's chunks before; may be the array that takes the result
     * @return number of chunks that are nowhere
     */
    int place(long pageKey, SchemeRules rule, int[] slotsIn, BitSet usable, int[] slotsOut) {
        int waiting = 0;
        for (int chunk = 0; chunk < rule.chunks(); chunk++) {
            int slot = slotsIn[chunk];
            slotsOut[chunk] = slot;
            waiting |= slot >= 0 && usable.get(slot) ? 0 : 1 << chunk;
        }
        return waiting == 0 ? 0 : placeWaiting(pageKey, rule, usable, waiting, slotsOut);
    }

    private int placeWaiting(long pageKey, SchemeRules rule, BitSet usable, int lost, int[] slots) {
        for (int chunk = 0; chunk < rule.chunks(); chunk++) {
            // A chunk that was nowhere has no device to go to now: what it keeps free is no matter.
            int slot = Math.max(0, slots[chunk]);
            slots[chunk] = slot << WAS_SHIFT | slot;
        }
        int waiting = lost;
        for (int left = lost; left != 0; left &= left - 1) {
            int chunk = Integer.numberOfTrailingZeros(left);
            int slot = place(pageKey, chunk, rule, usable, waiting, slots);
            if (slot != Placement.NOWHERE) {
                slots[chunk] = slots[chunk] & ~IS_MASK | slot;
                waiting &= ~(1 << chunk);
            }
        }
        for (int chunk = 0; chunk < rule.chunks(); chunk++) {
            boolean nowhere = (waiting >>> chunk & 1) != 0;
            slots[chunk] = nowhere ? Placement.NOWHERE : slots[chunk] & IS_MASK;
        }
        return Integer.bitCount(waiting);
    }

    private int place(
            long pageKey, int chunk, SchemeRules rule, BitSet usable, int waiting, int[] slots) {
        int early = draw(pageKey, chunk, 0, EARLY_TRIES, rule, usable, STRICT, waiting, slots);
        if (early != Placement.NOWHERE) {
            return early;
        }
        int excess = leastExcess(chunk, rule, usable, waiting, slots);
        if (excess == FailureDomains.TAKEN) {
            return Placement.NOWHERE;
        }
        int firstTry = excess == STRICT ? EARLY_TRIES : 0;
        int last = Placement.TRIES;
        int late = draw(pageKey, chunk, firstTry, last, rule, usable, excess, waiting, slots);
        return late != Placement.NOWHERE
                ? late
                : rendezvous(pageKey, chunk, rule, usable, excess, waiting, slots);
    }

    private int draw(
            long pageKey,
            int chunk,
            int firstTry,
            int lastTry,
            SchemeRules rule,
            BitSet usable,
            int excess,
            int waiting,
            int[] slots) {
        for (int i = firstTry; i < lastTry; i++) {
            int slot = jump.winner(DrawHash.drawKey(pageKey, chunk + i * rule.prime()));
            if (permits(slot, chunk, rule, usable, excess, waiting, slots)) {
                return slot;
            }
        }
        return Placement.NOWHERE;
    }

    private int rendezvous(
            long pageKey,
            int chunk,
            SchemeRules rule,
            BitSet usable,
            int excess,
            int waiting,
            int[] slots) {
        long key = DrawHash.rendezvousKey(pageKey, chunk);
        int best = Placement.NOWHERE;
        long bestScore = 0;
        for (int slot = usable.nextSetBit(0); slot >= 0; slot = usable.nextSetBit(slot + 1)) {
            if (permits(slot, chunk, rule, usable, excess, waiting, slots)) {
                long score = DrawHash.step(key, slot);
                if (best == Placement.NOWHERE || Long.compareUnsigned(score, bestScore) > 0) {
                    best = slot;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private boolean permits(
            int slot,
            int chunk,
            SchemeRules rule,
            BitSet usable,
            int excess,
            int waiting,
            int[] slots) {
        return usable.get(slot)
                && lasting.get(slot)
                && (excess == STRICT
                        ? domains.excess(slot, rule.caps(), slots, rule.chunks(), 1 << chunk, true)
                                == 0
                        : domains.excess(slot, rule.caps(), slots, rule.chunks(), waiting, false)
                                == excess);
    }

    /** {@link #STRICT} where that permits a slot. */
    private int leastExcess(int chunk, SchemeRules rule, BitSet usable, int waiting, int[] slots) {
        int least = FailureDomains.TAKEN;
        for (int slot = usable.nextSetBit(0); slot >= 0; slot = usable.nextSetBit(slot + 1)) {
            if (permits(slot, chunk, rule, usable, STRICT, waiting, slots)) {
                return STRICT;
            }
            if (lasting.get(slot)) {
                least =
                        Math.min(
                                least,
                                domains.excess(
                                        slot, rule.caps(), slots, rule.chunks(), waiting, false));
            }
        }
        return least;
    }
}
