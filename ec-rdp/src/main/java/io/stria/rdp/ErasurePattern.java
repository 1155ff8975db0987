package io.stria.rdp;

/**
 * Which fragments of one stripe are lost: at most two, bit j of the mask standing for fragment j.
 *
 * <p>Immutable; {@link #ofMask} gives shared instances and allocates nothing.
 */
public record ErasurePattern(int mask) {

    /** 8+2, the widest scheme. */
    static final int FRAGMENTS_MAX = 10;

    static final int LOST_MAX = 2;

    private static final ErasurePattern[] SHARED = shared();

    public static final ErasurePattern NONE = ofMask(0);

    public ErasurePattern {
        if (mask < 0 || mask >= 1 << FRAGMENTS_MAX) {
            throw new IllegalArgumentException(
                    "mask 0x" + Integer.toHexString(mask) + " names fragments above 9");
        }
        if (Integer.bitCount(mask) > LOST_MAX) {
            throw new IllegalArgumentException(
                    Integer.bitCount(mask) + " fragments lost, at most 2 can be rebuilt");
        }
    }

    /** The indices may repeat. */
    public static ErasurePattern of(int... fragments) {
        int mask = 0;
        for (int fragment : fragments) {
            if (fragment < 0 || fragment >= FRAGMENTS_MAX) {
                throw new IllegalArgumentException("fragment " + fragment);
            }
            mask |= 1 << fragment;
        }
        return ofMask(mask);
    }

    public static ErasurePattern ofMask(int mask) {
        boolean known = mask >= 0 && mask < SHARED.length && Integer.bitCount(mask) <= LOST_MAX;
        return known ? SHARED[mask] : new ErasurePattern(mask);
    }

    public int count() {
        return Integer.bitCount(mask);
    }

    public boolean isEmpty() {
        return mask == 0;
    }

    public boolean contains(int fragment) {
        return fragment >= 0 && fragment < FRAGMENTS_MAX && (mask >>> fragment & 1) != 0;
    }

    private static ErasurePattern[] shared() {
        ErasurePattern[] patterns = new ErasurePattern[1 << FRAGMENTS_MAX];
        for (int mask = 0; mask < patterns.length; mask++) {
            if (Integer.bitCount(mask) <= LOST_MAX) {
                patterns[mask] = new ErasurePattern(mask);
            }
        }
        return patterns;
    }
}
