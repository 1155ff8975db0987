package io.stria.runtime.nio;

import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the reactor's sleep from another thread. The selector is troubled only when the reactor
 * sleeps; otherwise a wake is one write to a word, or one read when somebody else woke it before.
 */
final class SelectorWakeup {
    private static final int AWAKE = 0;
    private static final int SLEEPING = 1;
    private static final int WOKEN = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);
    private final Selector selector;

    SelectorWakeup(Selector selector) {
        this.selector = selector;
    }

    /** Any thread. Does nothing once the selector is closed. */
    void wake() {
        if (state.get() != WOKEN && state.getAndSet(WOKEN) == SLEEPING) {
            selector.wakeup();
        }
    }

    /** Whether the reactor may sleep now; a wake that came before is used up. */
    boolean beginSleep() {
        if (state.compareAndSet(AWAKE, SLEEPING)) {
            return true;
        }
        state.set(AWAKE);
        return false;
    }

    void endSleep() {
        state.set(AWAKE);
    }
}
