package io.stria.simulator;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What owners have found wrong on stores in sync, and mended, of which the end of a run shows
 * nothing any more. Where no media were damaged nothing ever is: then each such fragment is a fault
 * of the product. What a store calls bad itself is looked at there and then, see {@link BadWatch}:
 * a device that fails cannot be read, and if it may not be marked its slot is in sync all the same.
 */
final class Mended {
    /** Fragments that the store had taken for good, by the volume epoch that is the owner's. */
    private final SortedMap<Integer, Long> byEpoch = new TreeMap<>();

    private final BadWatch bad = new BadWatch();

    BadWatch bad() {
        return bad;
    }

    /** So many fragments so far. */
    void heard(int epoch, long fragments) {
        byEpoch.merge(epoch, fragments, Math::max);
    }

    void expectNone() {
        bad.expectNone();
        byEpoch.values().removeIf(fragments -> fragments == 0);
        if (!byEpoch.isEmpty()) {
            throw new AssertionError(
                    "owners had to mend fragments, though no media were damaged; how many, by"
                            + " volume epoch: "
                            + byEpoch);
        }
    }
}
