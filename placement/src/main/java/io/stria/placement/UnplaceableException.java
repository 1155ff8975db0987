package io.stria.placement;

/** The list of slots is too short for a scheme; the message names the rule. */
public final class UnplaceableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnplaceableException(String message) {
        super(message);
    }
}
