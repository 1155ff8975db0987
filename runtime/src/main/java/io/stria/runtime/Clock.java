package io.stria.runtime;

/** Monotonic time in nanoseconds; counts while the machine sleeps. */
public interface Clock {
    long nowNs();
}
