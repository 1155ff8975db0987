package io.stria.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages from one thread to one other, in order, without locks. The producer alone calls {@link
 * #offer}, the consumer alone {@link #poll} and {@link #drain}. Each side keeps the other's
 * position as it last saw it, and looks again only when that says full or empty; the positions are
 * kept on cache lines of their own.
 */
public final class SpscRing<T> {
    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);

    /** Cells of {@link #positions}, 128 bytes apart because CPUs fetch lines in pairs. */
    private static final int PRODUCED = 16;

    private static final int CONSUMED_SEEN = PRODUCED + 1;
    private static final int CONSUMED = 32;
    private static final int PRODUCED_SEEN = CONSUMED + 1;
    private static final int POSITION_CELLS = 48;

    private final @Nullable Object[] slots;
    private final int mask;
    private final long[] positions = new long[POSITION_CELLS];

    /**
     * @param capacity a power of two
     */
    public SpscRing(int capacity) {
        if (capacity < 1 || Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("not a power of two: " + capacity);
        }
        slots = new @Nullable Object[capacity];
        mask = capacity - 1;
    }

    public int capacity() {
        return slots.length;
    }

    /** False when the ring is full. */
    public boolean offer(T message) {
        long produced = positions[PRODUCED];
        if (produced - positions[CONSUMED_SEEN] == slots.length) {
            positions[CONSUMED_SEEN] = (long) POSITION.getAcquire(positions, CONSUMED);
            if (produced - positions[CONSUMED_SEEN] == slots.length) {
                return false;
            }
        }
        slots[(int) produced & mask] = message;
        POSITION.setRelease(positions, PRODUCED, produced + 1);
        return true;
    }

    /** The oldest message, or null when there is none. */
    @SuppressWarnings("unchecked")
    public @Nullable T poll() {
        long consumed = positions[CONSUMED];
        if (consumed == positions[PRODUCED_SEEN]) {
            positions[PRODUCED_SEEN] = (long) POSITION.getAcquire(positions, PRODUCED);
            if (consumed == positions[PRODUCED_SEEN]) {
                return null;
            }
        }
        int index = (int) consumed & mask;
        T message = (T) slots[index];
        slots[index] = null;
        POSITION.setRelease(positions, CONSUMED, consumed + 1);
        return message;
    }

    /** Hands over what is there, up to the ring's capacity. Returns how many messages. */
    public int drain(Consumer<? super T> consumer) {
        int drained = 0;
        while (drained < slots.length) {
            T message = poll();
            if (message == null) {
                break;
            }
            consumer.accept(message);
            drained++;
        }
        return drained;
    }
}
