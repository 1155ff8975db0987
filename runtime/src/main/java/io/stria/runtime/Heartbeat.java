package io.stria.runtime;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.stria.runtime.ffm.SharedMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * What a node's process says of itself to the one that watches it, in memory that both map. Beat
 * and lease are written by the reactor, one store for each of its loops, and the incarnation by who
 * registers the node; anybody reads them at any time, also when the process has ended. Times are
 * those of the machine's boot clock, which all processes read alike.
 *
 * <pre>
 *  0 beat:64         when the last loop began; 0: it has not begun, or has ended in good order
 *  8 leaseUntil:64   until when commands are executed, as far as the reactor has been told; 0: not at all
 * 16 incarnation:64  that the process has registered as, or is about to; 0: none
 * 24
 * </pre>
 */
public final class Heartbeat {
    public static final int BYTES = 24;

    private static final int BEAT = 0;
    private static final int LEASE = 8;
    private static final int INCARNATION = 16;
    private static final VarHandle LONG = JAVA_LONG.varHandle();

    private final MemorySegment memory;

    /**
     * @param memory of {@link #BYTES} bytes or more, for as long as this is used
     */
    public Heartbeat(MemorySegment memory) {
        this.memory = memory;
    }

    /** Of a process that nobody watches. */
    public static Heartbeat unwatched() {
        return new Heartbeat(Arena.ofAuto().allocate(BYTES, Long.BYTES));
    }

    /** In memory of the process that watches this one, until this one ends. */
    public static Heartbeat watchedAt(Path sharedMemory) throws IOException {
        return new Heartbeat(SharedMemory.open(sharedMemory, BYTES).memory());
    }

    /** A loop begins. */
    public void beat(long nowNs) {
        LONG.setOpaque(memory, (long) BEAT, nowNs);
    }

    /** Before the reactor goes by it. */
    public void leaseUntil(long deadlineNs) {
        LONG.setRelease(memory, (long) LEASE, deadlineNs);
    }

    /** Before the registration is sent. */
    public void registersAs(long incarnation) {
        LONG.setRelease(memory, (long) INCARNATION, incarnation);
    }

    /** The reactor has ended. */
    public void end() {
        LONG.setRelease(memory, (long) LEASE, 0L);
        LONG.setRelease(memory, (long) BEAT, 0L);
    }

    public long beatNs() {
        return (long) LONG.getAcquire(memory, (long) BEAT);
    }

    public long incarnation() {
        return (long) LONG.getAcquire(memory, (long) INCARNATION);
    }

    public long leaseUntilNs() {
        return (long) LONG.getAcquire(memory, (long) LEASE);
    }
}
