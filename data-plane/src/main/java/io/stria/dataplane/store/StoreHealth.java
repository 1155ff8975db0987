package io.stria.dataplane.store;

import org.jspecify.annotations.Nullable;

/** Whether the device still takes writes. Once it failed one, nothing is changed any more. */
final class StoreHealth {
    private static final String FAILED_WRITE = "it failed a write";

    private @Nullable String failure;

    boolean hasFailed() {
        return failure != null;
    }

    /** Why, as the end of a sentence about the device; null while it has not failed. */
    @Nullable String failure() {
        return failure;
    }

    /** It failed a write. */
    void fail() {
        fail(FAILED_WRITE);
    }

    /** The first reason stays. */
    void fail(String reason) {
        if (failure == null) {
            failure = reason;
        }
    }
}
