package io.stria.dataplane.store;

import org.jspecify.annotations.Nullable;

/** Somebody who needs a page's header in memory. Waits in one list at a time. */
abstract class HeaderWaiter {
    @Nullable HeaderWaiter nextWaiter;

    /** The header is in the slot now, which is held for the waiter. */
    abstract void headerReady(int slot);
}
