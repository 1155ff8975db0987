package io.stria.dataplane.store;

/** Whether the device still takes writes. Once it failed one, nothing is changed any more. */
final class StoreHealth {
    private boolean failed;

    boolean hasFailed() {
        return failed;
    }

    void fail() {
        failed = true;
    }
}
