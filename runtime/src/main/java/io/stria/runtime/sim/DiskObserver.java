package io.stria.runtime.sim;

/**
 * Hears of every request as it arrives at a disk: the place to cut the power at exactly the n-th
 * write.
 */
@FunctionalInterface
public interface DiskObserver {
    enum Kind {
        READ,
        WRITE,
        DURABLE_WRITE,
        FLUSH,
        DISCARD
    }

    /** The request is in flight; a crash from in here finds it so. */
    void onRequest(Kind kind, long offset, long length);
}
