package io.stria.runtime.sim;

/** A distribution of delays. */
@FunctionalInterface
public interface Latency {
    long drawNs(SimulatedRandom random);

    static Latency none() {
        return _ -> 0;
    }

    static Latency fixed(long ns) {
        return _ -> ns;
    }

    static Latency uniform(long lowNs, long highNs) {
        return random -> random.between(lowNs, highNs);
    }

    /** At least {@code lowNs}, {@code meanNs} on average, with the tail of a queue. */
    static Latency exponential(long lowNs, long meanNs) {
        double scale = meanNs - lowNs;
        return random -> lowNs + (long) (random.nextExponential() * scale);
    }

    /** This distribution, but now and then the other one: a device that cleans up, a busy peer. */
    default Latency sometimes(double probability, Latency other) {
        return random -> random.chance(probability) ? other.drawNs(random) : drawNs(random);
    }
}
