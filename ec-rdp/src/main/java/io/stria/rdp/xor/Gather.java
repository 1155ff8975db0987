package io.stria.rdp.xor;

import java.util.List;

/**
 * One parity equation: {@code length} bytes at {@code target} are the xor of as many bytes at each
 * of the {@code sources}. Without a source it is zero. All are byte offsets in a stripe.
 */
public record Gather(int target, int length, List<Integer> sources) {

    public Gather {
        sources = List.copyOf(sources);
        if (length <= 0 || length % XorProgram.UNIT_BYTES != 0) {
            throw new IllegalArgumentException("length " + length);
        }
        if (sources.contains(target)) {
            throw new IllegalArgumentException("sources " + sources + " of target " + target);
        }
    }

    /** Whether {@code next} goes on where this one ends, in its target and in every source. */
    boolean continuesWith(Gather next) {
        if (next.target != target + length || next.sources.size() != sources.size()) {
            return false;
        }
        for (int k = 0; k < sources.size(); k++) {
            if (next.sources.get(k) != sources.get(k) + length) {
                return false;
            }
        }
        return true;
    }

    Gather joinedWith(Gather next) {
        return new Gather(target, length + next.length, sources);
    }
}
