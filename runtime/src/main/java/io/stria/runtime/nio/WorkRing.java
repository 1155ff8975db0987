package io.stria.runtime.nio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Work from one thread to whichever of many takes it first, begun in order, without locks. What was
 * taken stays referenced until its slot is used again, so it is meant for pooled things.
 */
final class WorkRing<T> {
    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    /** Cells of {@link #positions}, 128 bytes apart because CPUs fetch lines in pairs. */
    private static final int PRODUCED = 16;

    private static final int CONSUMED = 32;
    private static final int POSITION_CELLS = 48;

    private final @Nullable Object[] slots;
    private final int mask;
    private final long[] positions = new long[POSITION_CELLS];

    /**
     * @param capacity a power of two
     */
    WorkRing(int capacity) {
        slots = new @Nullable Object[capacity];
        mask = capacity - 1;
    }

    /** False when the ring is full. The one producer. */
    boolean offer(T work) {
        long produced = positions[PRODUCED];
        if (produced - (long) POSITION.getAcquire(positions, CONSUMED) == slots.length) {
            return false;
        }
        SLOT.setOpaque(slots, (int) produced & mask, work);
        POSITION.setVolatile(positions, PRODUCED, produced + 1);
        return true;
    }

    /** Whether nothing offered so far is left to be taken. Any thread. */
    boolean isEmpty() {
        return (long) POSITION.getVolatile(positions, CONSUMED)
                == (long) POSITION.getVolatile(positions, PRODUCED);
    }

    /** The oldest work that nobody has taken, or null when there is none. Any thread. */
    @SuppressWarnings("unchecked")
    @Nullable T poll() {
        while (true) {
            long consumed = (long) POSITION.getVolatile(positions, CONSUMED);
            if (consumed == (long) POSITION.getVolatile(positions, PRODUCED)) {
                return null;
            }
            // The producer may write over it meanwhile, but then another has taken it already.
            Object work = SLOT.getOpaque(slots, (int) consumed & mask);
            if (POSITION.compareAndSet(positions, CONSUMED, consumed, consumed + 1)) {
                return (T) work;
            }
        }
    }
}
