package io.stria.runtime.sim;

/** Attached to whatever was thrown inside a simulation: how to see it again. */
public final class SimulationFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SimulationFailure(String message) {
        super(message, null, false, false);
    }
}
