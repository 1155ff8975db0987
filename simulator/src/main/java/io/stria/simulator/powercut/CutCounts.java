package io.stria.simulator.powercut;

/**
 * What was looked at.
 *
 * @param states recovered from
 * @param boundaries begins and ends of device writes, and ends of flushes
 * @param exhausted boundaries with unflushed writes, all of whose subsets were taken
 * @param torn states with a write that survived in part
 * @param without states by devices that were missing: none, one, two
 * @param again states after a second power cut, during recovery
 */
record CutCounts(
        long states,
        long boundaries,
        long exhausted,
        long torn,
        long none,
        long one,
        long two,
        long again) {
    static final CutCounts NOTHING = new CutCounts(0, 0, 0, 0, 0, 0, 0, 0);

    CutCounts plus(CutCounts other) {
        return new CutCounts(
                states + other.states,
                boundaries + other.boundaries,
                exhausted + other.exhausted,
                torn + other.torn,
                none + other.none,
                one + other.one,
                two + other.two,
                again + other.again);
    }

    CutCounts boundary(boolean isExhausted) {
        return plus(new CutCounts(0, 1, isExhausted ? 1 : 0, 0, 0, 0, 0, 0));
    }

    CutCounts state(boolean isTorn, int missing, boolean isAgain) {
        return plus(
                new CutCounts(
                        1,
                        0,
                        0,
                        isTorn ? 1 : 0,
                        missing == 0 ? 1 : 0,
                        missing == 1 ? 1 : 0,
                        missing == 2 ? 1 : 0,
                        isAgain ? 1 : 0));
    }

    @Override
    public String toString() {
        return ("%,d states after power cuts at %,d boundaries, at %,d of them all subsets of"
                        + " unflushed writes; %,d with torn writes, %,d with all devices, %,d"
                        + " without one, %,d without two, %,d after a second cut during recovery")
                .formatted(states, boundaries, exhausted, torn, none, one, two, again);
    }
}
