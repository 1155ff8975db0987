package io.stria.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Holds a decoder to a bound of memory: a length in its bytes must not be believed. */
public final class AllocationBound {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What is loaded, linked or compiled once must not count. */
    private static final int TRIES = 4;

    private AllocationBound() {}

    /**
     * Throws if the work, which does the same each time, allocates more on this thread also when it
     * is done again.
     */
    public static void hold(long bytesMax, Runnable work) {
        long allocated = 0;
        for (int i = 0; i < TRIES; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            work.run();
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (allocated <= bytesMax) {
                return;
            }
        }
        throw new AssertionError(
                "%,d bytes were allocated, at most %,d are allowed".formatted(allocated, bytesMax));
    }
}
