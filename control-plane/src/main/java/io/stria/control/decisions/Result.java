package io.stria.control.decisions;

/**
 * What became of a decision.
 *
 * @param epoch of the map after it: the epoch it made, or the present one when it changed nothing
 * @param detail why it was refused, in a sentence; empty otherwise
 */
public record Result(Outcome outcome, long epoch, String detail) {
    /** How a decision ended. */
    public enum Outcome {
        DONE,
        /** It asks for what already is. */
        ALREADY,
        /** It could never be carried out as written. */
        INVALID,
        NOT_FOUND,
        /** Something that exists stands against it. */
        CONFLICT,
        /** The cluster has not the nodes or devices for it. */
        INFEASIBLE,
        /** It was made for a state that has passed. */
        STALE,
        /** Could succeed later, unchanged. */
        NOT_READY,
        /** A broken invariant; the state is as before. */
        INTERNAL
    }

    public boolean accepted() {
        return outcome == Outcome.DONE || outcome == Outcome.ALREADY;
    }
}
