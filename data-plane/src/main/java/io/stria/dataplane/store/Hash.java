package io.stria.dataplane.store;

/** The finisher of SplitMix64: every bit of the result depends on every bit of the value. */
final class Hash {
    private Hash() {}

    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
