package io.stria.runtime;

/**
 * Decides what follows an exception that nobody caught on a reactor's thread. A broken invariant on
 * the data path must not go on, so production halts the process: the cluster is made to lose a
 * node, not to keep one that is wrong.
 */
@FunctionalInterface
public interface FailureHandler {
    /** Exit status of a process halted by {@link #halt}. */
    int HALT_STATUS = 70;

    /** Called on the reactor's thread, after the failure was logged. */
    void onFailure(String reactorName, Throwable failure);

    /** Ends the process at once, without shutdown hooks. */
    static FailureHandler halt() {
        return (reactorName, failure) -> Runtime.getRuntime().halt(HALT_STATUS);
    }

    /** Throws the failure on to whoever steps the reactor: for tests and simulation. */
    static FailureHandler rethrow() {
        return (reactorName, failure) -> {
            switch (failure) {
                case Error error -> throw error;
                case RuntimeException exception -> throw exception;
                default -> throw new IllegalStateException(reactorName, failure);
            }
        };
    }
}
