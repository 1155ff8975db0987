package io.stria.rdp.xor;

import java.util.List;

/**
 * One parity equation: {@code length} bytes at {@code target} are the xor of as many bytes at each
 * of the {@code sources}. All are byte offsets in a stripe. No source overlaps the target, so the
 * bytes may be done in any order.
 */
public record Gather(int target, int length, List<Integer> sources) {

    public Gather {
        sources = List.copyOf(sources);
        if (length <= 0 || length % XorProgram.UNIT_BYTES != 0) {
            throw new IllegalArgumentException("length " + length);
        }
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("no source for target " + target);
        }
        if (overlaps(target, length, sources)) {
            throw new IllegalArgumentException("sources " + sources + " in target " + target);
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
        return !overlaps(target, length + next.length, sources);
    }

    Gather joinedWith(Gather next) {
        return new Gather(target, length + next.length, sources);
    }

    private static boolean overlaps(int target, int length, List<Integer> sources) {
        return sources.stream().anyMatch(source -> Math.abs(source - target) < length);
    }
}
