package io.stria.runtime.sim;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Randomness under one seed. A generator split off by name depends on the seed and the name alone,
 * not on what was drawn before: so one more draw in one place changes nothing in any other.
 */
public final class SimulatedRandom implements RandomGenerator {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private final long seed;
    private final SplittableRandom generator;

    public SimulatedRandom(long seed) {
        this.seed = seed;
        this.generator = new SplittableRandom(mix(seed));
    }

    /** The same name gives the same sequence each time: a name belongs to one user. */
    public SimulatedRandom split(String name) {
        long hash = seed;
        for (int i = 0; i < name.length(); i++) {
            hash = mix(hash + GOLDEN_GAMMA + name.charAt(i));
        }
        return new SimulatedRandom(mix(hash ^ name.length()));
    }

    public long seed() {
        return seed;
    }

    @Override
    public long nextLong() {
        return generator.nextLong();
    }

    /** True with this probability; draws nothing when the answer is certain. */
    public boolean chance(double probability) {
        return probability > 0 && (probability >= 1 || generator.nextDouble() < probability);
    }

    /** Both ends included. */
    public long between(long low, long high) {
        return low == high ? low : generator.nextLong(low, high + 1);
    }

    /** The finisher of SplitMix64: every bit of the result depends on every bit of the value. */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
