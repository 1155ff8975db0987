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
 * W_b * 2^64. Weights are up to 2^40 and slots up to 2^16, so W stays below 2^57. About ln(N) jumps
 * of log2(N) comparisons each.
 */
final class WeightedJump {
    private final long[] weightUpTo;

    WeightedJump(List<DeviceSlot> slots) {
        weightUpTo = new long[slots.size()];
        long sum = 0;
        for (DeviceSlot slot : slots) {
            sum = Math.addExact(sum, slot.weight());
            weightUpTo[slot.slot()] = sum;
        }
    }

    int slots() {
        return weightUpTo.length;
    }

    long[] weightUpTo() {
        return weightUpTo.clone();
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
     * The oldest slot with W_j * (r + 1) &gt; W_base * 2^64; the number of slots if there is none.
     */
    private int next(int base, long r) {
        long weightBase = weightUpTo[base];
        int low = base + 1;
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

    /** Whether weight * (r + 1) &gt; weightBase * 2^64, r unsigned and the weights positive. */
    static boolean exceeds(long weight, long r, long weightBase) {
        long product = weight * r;
        long low = product + weight;
        long carry = Long.compareUnsigned(low, product) < 0 ? 1 : 0;
        long high = Math.unsignedMultiplyHigh(weight, r) + carry;
        return high > weightBase || (high == weightBase && low != 0);
    }
}
