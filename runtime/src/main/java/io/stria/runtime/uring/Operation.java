package io.stria.runtime.uring;

/**
 * Something that can be in flight in the kernel, once at a time. Made once and reused; its memory
 * stays until the kernel is done with it, which {@link #isInFlight} tells.
 */
abstract class Operation {
    private long tag;
    private boolean inFlight;

    /** What the ring knows it by, while it is in the {@link OperationTable}. */
    final long tag() {
        return tag;
    }

    final void named(long newTag) {
        tag = newTag;
    }

    final boolean isInFlight() {
        return inFlight;
    }

    /** Called right before the ring gets it. Returns its tag. */
    final long start() {
        assert !inFlight : "started twice: " + this;
        inFlight = true;
        return tag;
    }

    final void finish(int result, int flags) {
        inFlight = false;
        onCompletion(result, flags);
    }

    /** The kernel is done with it; {@code result} is a count or a negative errno. */
    protected abstract void onCompletion(int result, int flags);
}
