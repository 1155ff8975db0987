package io.stria.runtime.sim;

/**
 * What one host's packets go through on their way to another.
 *
 * @param latency of each segment; segments of one connection never overtake each other
 * @param bytesPerSecond at which the sending host's bytes leave, one after another; 0: no limit
 * @param splitChance that a run of bytes is cut at a random place, tiny pieces included, again and
 *     again
 * @param lossChance that a segment is lost: it, and what follows, comes after a retransmission
 * @param resetChance that a segment's connection is reset instead
 */
public record LinkConfig(
        Latency latency,
        long bytesPerSecond,
        double splitChance,
        double lossChance,
        double resetChance) {
    /** 25 Gbit/s, some ten microseconds, and every tenth run of bytes is cut. */
    public static LinkConfig dataCentre() {
        return new LinkConfig(Latency.exponential(8_000, 15_000), 3_125_000_000L, 0.1, 0, 0);
    }

    /** Takes no time and cuts nothing. */
    public static LinkConfig instant() {
        return new LinkConfig(Latency.none(), 0, 0, 0, 0);
    }

    public LinkConfig withLatency(Latency newLatency) {
        return new LinkConfig(newLatency, bytesPerSecond, splitChance, lossChance, resetChance);
    }

    public LinkConfig withBytesPerSecond(long rate) {
        return new LinkConfig(latency, rate, splitChance, lossChance, resetChance);
    }

    public LinkConfig withSplits(double chance) {
        return new LinkConfig(latency, bytesPerSecond, chance, lossChance, resetChance);
    }

    public LinkConfig withLoss(double chance) {
        return new LinkConfig(latency, bytesPerSecond, splitChance, chance, resetChance);
    }

    public LinkConfig withResets(double chance) {
        return new LinkConfig(latency, bytesPerSecond, splitChance, lossChance, chance);
    }
}
