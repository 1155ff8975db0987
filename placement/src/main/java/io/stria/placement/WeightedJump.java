package io.stria.placement;

import io.stria.clustermap.DeviceSlot;
import java.util.Arrays;
import java.util.List;

/**
 * The list-bucket draw (slots asked from the newest to the oldest, slot i takes the key with
 * probability w_i / W_i, where W_i sums the weights up to i), evaluated from the oldest slot on.
 *
 * <p>Slot b passes the key on to some newer slot at or before j with probability 1 - W_b / W_j. So
 * one number u in (0, 1] tells which: the oldest j with W_j &gt; W_b / u. From there the key goes
 * on the same way, until no slot is left to go to. The distribution is that of the list bucket; the
 * draws are others. A slot added at the end takes keys from the others and does nothing else.
 *
 * <p>Compared exactly, in 128 bits: with u = (r + 1) / 2^64, the condition is W_j * (r + 1) &gt;
 * W_b * 2^64. Weights are up to 2^40 and slots up to 2^16, so W stays below 2^57. About ln(N)
 * jumps.
 *
 * <p>A guide says roughly where a jump ends: all weights are cut into equal pieces, and it names
 * the slot in which each piece begins. What it says is computed in floating point, and taken only
 * where exact comparisons agree; else a binary search over all slots decides.
 */
final class WeightedJump {
    /** More make the guide better and too large for the CPU's caches. */
    private static final int PIECES_PER_SLOT = 4;

    private final long[] weightUpTo;

    /** First slot whose weightUpTo is above k pieces; one element more than there are pieces. */
    private final int[] guide;

    private final double piecesPerWeight;

    WeightedJump(List<DeviceSlot> slots) {
        weightUpTo = new long[slots.size()];
        long sum = 0;
        for (DeviceSlot slot : slots) {
            sum = Math.addExact(sum, slot.weight());
            weightUpTo[slot.slot()] = sum;
        }
        int pieces = PIECES_PER_SLOT * Integer.highestOneBit(2 * slots.size() + 1);
        piecesPerWeight = pieces / (double) sum;
        guide = guide(pieces);
    }

    private int[] guide(int pieces) {
        int[] first = new int[pieces + 1];
        int slot = 0;
        for (int piece = 0; piece < pieces; piece++) {
            while (slot < weightUpTo.length - 1 && weightUpTo[slot] * piecesPerWeight <= piece) {
                slot++;
            }
            first[piece] = slot;
        }
        first[pieces] = weightUpTo.length;
        return first;
    }

    int slots() {
        return weightUpTo.length;
    }

    boolean sameAs(WeightedJump other) {
        return Arrays.equals(weightUpTo, other.weightUpTo);
    }

    /** The slot that wins the key; there must be a slot. */
    int winner(long drawKey) {
        int base = 0;
        int next = next(base, DrawHash.step(drawKey, base));
        while (next < weightUpTo.length) {
            base = next;
            next = next(base, DrawHash.step(drawKey, base));
        }
        return base;
    }

    /**
     * Winners of the first draws of a page's chunks. They are drawn side by side: each draw alone
     * waits for its own numbers most of the time.
     *
     * @param slotsOut its first elements take ~slot, one for each chunk
     */
    void firstWinners(long pageKey, int chunks, int[] slotsOut) {
        Arrays.fill(slotsOut, 0, chunks, 0);
        int left = chunks;
        while (left > 0) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                int base = slotsOut[chunk];
                if (base >= 0) {
                    int next = next(base, DrawHash.step(DrawHash.drawKey(pageKey, chunk), base));
                    boolean ends = next == weightUpTo.length;
                    slotsOut[chunk] = ends ? ~base : next;
                    left -= ends ? 1 : 0;
                }
            }
        }
    }

    /**
     * The oldest slot with W_j * (r + 1) &gt; W_base * 2^64; the number of slots if there is none.
     */
    int next(int base, long r) {
        long weightBase = weightUpTo[base];
        int found = guess(base, weightBase / (((r >>> 11) + 0.5) * 0x1p-53));
        return isOldest(found, base, r, weightBase) ? found : search(base + 1, r, weightBase);
    }

    /** Free of branches that the CPU could not foresee. */
    private int guess(int base, double threshold) {
        double piece = threshold * piecesPerWeight;
        if (piece >= guide.length - 1 || base == weightUpTo.length - 1) {
            return weightUpTo.length;
        }
        int slot = Math.max(base + 1, guide[(int) piece]);
        // One further where weightUpTo <= threshold.
        return slot + (int) (weightUpTo[slot] - 1 - (long) threshold >>> 63);
    }

    private int search(int from, long r, long weightBase) {
        int low = from;
        int high = weightUpTo.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (exceeds(weightUpTo[middle], r, weightBase)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private boolean isOldest(int slot, int base, long r, long weightBase) {
        return (slot == weightUpTo.length || exceeds(weightUpTo[slot], r, weightBase))
                && (slot == base + 1 || !exceeds(weightUpTo[slot - 1], r, weightBase));
    }

    /** Whether weight * (r + 1) &gt; weightBase * 2^64, r unsigned and the weights positive. */
    static boolean exceeds(long weight, long r, long weightBase) {
        long product = weight * r;
        long low = product + weight;
        long carry = Long.compareUnsigned(low, product) < 0 ? 1 : 0;
        long high = Math.unsignedMultiplyHigh(weight, r) + carry;
        return high > weightBase || (high == weightBase && low != 0);
    }
}
