package io.stria.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Totals of one reactor. Its thread alone adds; any thread may read. Adding is a plain addition and
 * an opaque store: no lock, no atomic instruction, no allocation. A figure read is never torn, but
 * two figures read one after the other may come from different moments.
 */
public final class Counters {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values;

    public Counters(int count) {
        values = new long[count];
    }

    /** On the owner's thread. */
    public void add(int index, long amount) {
        ELEMENT.setOpaque(values, index, values[index] + amount);
    }

    /** On the owner's thread: one more. */
    public void increment(int index) {
        add(index, 1);
    }

    public long get(int index) {
        return (long) ELEMENT.getOpaque(values, index);
    }

    public int count() {
        return values.length;
    }
}
