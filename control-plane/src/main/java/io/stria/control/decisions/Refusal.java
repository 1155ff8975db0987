package io.stria.control.decisions;

import io.stria.control.decisions.Result.Outcome;

/** Ends a decision without a change; caught by {@link Decider}. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    private Refusal(Outcome outcome, String detail) {
        super(detail, null, false, false);
        this.outcome = outcome;
    }

    static Refusal of(Outcome outcome, String format, Object... arguments) {
        return new Refusal(outcome, format.formatted(arguments));
    }

    /** Not a refusal, but no change either. */
    static Refusal already() {
        return new Refusal(Outcome.ALREADY, "");
    }

    Outcome outcome() {
        return outcome;
    }

    String detail() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
