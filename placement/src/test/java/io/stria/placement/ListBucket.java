package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;

/**
 * The plain list bucket, from the newest slot to the oldest: slot i takes the key with probability
 * w_i / W_i. The weighted jump has its distribution; single draws differ, since they spend their
 * random numbers on other questions.
 */
final class ListBucket {
    private final ClusterMap map;
    private final long[] weightUpTo;

    ListBucket(ClusterMap map) {
        this.map = map;
        this.weightUpTo = new long[map.slots().size()];
        long sum = 0;
        for (DeviceSlot slot : map.slots()) {
            sum += slot.weight();
            weightUpTo[slot.slot()] = sum;
        }
    }

    int winner(long drawKey) {
        for (int slot = weightUpTo.length - 1; slot > 0; slot--) {
            long r = DrawHash.step(drawKey, slot);
            // r / 2^64 < w / W
            if (Math.unsignedMultiplyHigh(r, weightUpTo[slot]) < map.slot(slot).weight()) {
                return slot;
            }
        }
        return 0;
    }
}
