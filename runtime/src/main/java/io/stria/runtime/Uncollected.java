package io.stria.runtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes off the heap that live until they are collected, and when to look for what nobody refers to
 * any more: the heap alone gives the JVM no reason to. It is time whenever as much has begun since
 * the last time as half of what there is, so that memory is at most twice what is in use and a
 * collection is paid for by what has begun. Only what begins counts: collections run late and say
 * bit by bit what has ended, and a limit made of what is left then would rise by garbage that was
 * begun meanwhile.
 *
 * <p>Any thread may call it.
 */
final class Uncollected {
    private static final long BEGUN_MIN = 1L << 30;

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();

    /** True: it is time for a collection, and the caller sees to it. */
    boolean begin(long more) {
        long now = bytes.addAndGet(more);
        long since = begun.addAndGet(more);
        return since > Math.max(BEGUN_MIN, now / 2) && begun.compareAndSet(since, 0);
    }

    void end(long less) {
        bytes.addAndGet(-less);
    }

    long bytes() {
        return bytes.get();
    }
}
