package io.stria.runtime.uring;

import io.stria.runtime.ffm.IoUring;
import io.stria.runtime.ffm.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the reactor's sleep from another thread. The kernel is asked only when the reactor sleeps;
 * otherwise a wake is one write to a word, or one read when somebody else woke it before.
 */
final class Wakeup extends Operation {
    private static final int AWAKE = 0;
    private static final int SLEEPING = 1;
    private static final int WOKEN = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);

    /** Threads that may be about to ring: the bell must not be closed under them. */
    private final AtomicInteger ringing = new AtomicInteger();

    private final Arena arena = Arena.ofShared();
    private final MemorySegment rings = arena.allocate(Long.BYTES, Long.BYTES);
    private final int bell;

    Wakeup() throws IOException {
        bell = Linux.openBell();
    }

    /** Any thread. */
    void wake() {
        if (state.get() == WOKEN) {
            return;
        }
        ringing.getAndIncrement();
        if (state.getAndSet(WOKEN) == SLEEPING) {
            Linux.ring(bell);
        }
        ringing.getAndDecrement();
    }

    /** Whether the reactor may sleep now; a wake that came before is used up. */
    boolean beginSleep(IoUring ring) {
        if (!isInFlight()) {
            ring.read(bell, 0, rings.address(), Long.BYTES, start());
        }
        if (state.compareAndSet(AWAKE, SLEEPING)) {
            return true;
        }
        state.set(AWAKE);
        return false;
    }

    void endSleep() {
        state.set(AWAKE);
    }

    @Override
    protected void onCompletion(int result, int flags) {
        // The sleep is over, and that was all.
    }

    /** The owner, when this is not in flight any more. */
    void close() {
        state.set(WOKEN);
        while (ringing.get() > 0) {
            Thread.onSpinWait();
        }
        Linux.close(bell);
        arena.close();
    }
}
