package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.stria.runtime.Clock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The kernel's CLOCK_BOOTTIME, which goes on counting while the machine sleeps: leases depend on
 * that. In a virtual machine whose host pauses it, or puts it back to a snapshot, it stands still
 * with everything else, and nothing in the guest tells; docs/correctness.md says what follows. Any
 * thread may read it.
 */
public final class BootClock implements Clock {
    private static final int CLOCK_BOOTTIME = 7;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    /** The kernel answers into memory, of which each thread has its own. */
    private static final ThreadLocal<MemorySegment> TIMESPEC =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(2L * Long.BYTES, Long.BYTES));

    @Override
    public long nowNs() {
        MemorySegment timespec = TIMESPEC.get();
        LibC.clockGettime(CLOCK_BOOTTIME, timespec);
        return timespec.get(JAVA_LONG, 0) * NS_PER_SECOND + timespec.get(JAVA_LONG, Long.BYTES);
    }
}
