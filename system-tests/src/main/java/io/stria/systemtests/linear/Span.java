package io.stria.systemtests.linear;

/** A time, on the history's clock. */
record Span(long fromNs, long toNs) {
    long ns() {
        return toNs - fromNs;
    }

    long ms() {
        return ns() / 1_000_000;
    }

    /** The first of the longer ones. */
    static Span longer(Span one, Span other) {
        return other.ns() > one.ns() ? other : one;
    }
}
