package io.stria.runtime;

/** Timers of one reactor; callbacks run on its thread, never from within {@link #schedule}. */
public interface Timers {
    /** A pending call. Cancelling one that has run does nothing. */
    interface Timer {
        void cancel();
    }

    Timer schedule(long delayNs, Runnable callback);

    long nowNs();
}
