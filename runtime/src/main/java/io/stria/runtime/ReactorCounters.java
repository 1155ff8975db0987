package io.stria.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Where one reactor's time went. Written by its thread alone; any thread may read. A figure read is
 * never torn, but two figures read one after the other may come from different loops.
 */
public final class ReactorCounters {
    private static final VarHandle LOOPS = handle("loops");
    private static final VarHandle WORK = handle("work");
    private static final VarHandle BUSY_NS = handle("busyNs");
    private static final VarHandle IDLE_NS = handle("idleNs");
    private static final VarHandle SLEEPS = handle("sleeps");

    private long loops;
    private long work;
    private long busyNs;
    private long idleNs;
    private long sleeps;

    ReactorCounters() {}

    /** Turns of the loop. */
    public long loops() {
        return (long) LOOPS.getOpaque(this);
    }

    /** Sum of what engine, mailbox, timers and pollers reported as done. */
    public long work() {
        return (long) WORK.getOpaque(this);
    }

    /** Time spent in loops that did work. */
    public long busyNs() {
        return (long) BUSY_NS.getOpaque(this);
    }

    /** Time spent in loops that found nothing to do, and asleep. */
    public long idleNs() {
        return (long) IDLE_NS.getOpaque(this);
    }

    /** How often the reactor went to sleep in its engine. */
    public long sleeps() {
        return (long) SLEEPS.getOpaque(this);
    }

    void onLoop(int workDone, long elapsedNs) {
        LOOPS.setOpaque(this, loops + 1);
        if (workDone > 0) {
            WORK.setOpaque(this, work + workDone);
            BUSY_NS.setOpaque(this, busyNs + elapsedNs);
        } else {
            IDLE_NS.setOpaque(this, idleNs + elapsedNs);
        }
    }

    void onSleep() {
        SLEEPS.setOpaque(this, sleeps + 1);
    }

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(ReactorCounters.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
