package io.stria.dataplane.volume;

/**
 * When a read of a host stops waiting for a store that is slower than the others, and asks another
 * one.
 *
 * @param percent of the reads that may ask for more fragments than they need; 0: no read does, and
 *     none goes around a slow store
 * @param floorNs no read does so earlier
 * @param ceilingNs none waits longer, however slow all stores are
 */
public record HedgeConfig(int percent, long floorNs, long ceilingNs) {
    public static final HedgeConfig DEFAULT = new HedgeConfig(5, 200_000L, 100_000_000L);
    public static final HedgeConfig OFF = new HedgeConfig(0, 1, 1);

    public HedgeConfig {
        if (percent < 0 || percent > 100 || floorNs <= 0 || floorNs > ceilingNs) {
            throw new IllegalArgumentException(
                    "%d %% of reads, after %d to %d ns".formatted(percent, floorNs, ceilingNs));
        }
    }
}
