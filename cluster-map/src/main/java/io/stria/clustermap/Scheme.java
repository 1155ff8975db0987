package io.stria.clustermap;

/** How a block is coded: n data and 2 parity fragments, n in {1, 2, 4, 8}. */
public record Scheme(int dataFragments) {
    public static final int PARITY_FRAGMENTS = 2;

    public Scheme {
        if (dataFragments != 1 && dataFragments != 2 && dataFragments != 4 && dataFragments != 8) {
            throw new IllegalArgumentException(
                    "a scheme is n+2 with n = 1, 2, 4 or 8, not n = " + dataFragments);
        }
    }

    /** Parses {@code 2+2}. */
    public static Scheme parse(String text) {
        if (!text.matches("[1248]\\+2")) {
            throw new IllegalArgumentException(
                    "unknown scheme '" + text + "': expected 1+2, 2+2, 4+2 or 8+2");
        }
        return new Scheme(text.charAt(0) - '0');
    }

    /** Fragments of one block, parity included; also the chunks of one page. */
    public int fragments() {
        return dataFragments + PARITY_FRAGMENTS;
    }

    public int fragmentBytes() {
        return 4096 / dataFragments;
    }

    @Override
    public String toString() {
        return dataFragments + "+" + PARITY_FRAGMENTS;
    }
}
