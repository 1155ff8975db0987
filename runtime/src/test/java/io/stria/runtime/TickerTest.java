package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TickerTest {
    private static final long MS = 1_000_000;

    /** A reactor's timers, whose time the test sets. */
    private static final class HandTimers implements Timers {
        private record Pending(long atNs, Runnable callback) {}

        private final List<Pending> pending = new ArrayList<>();
        private long nowNs = 5_000 * MS;

        @Override
        public Timer schedule(long delayNs, Runnable callback) {
            Pending timer = new Pending(nowNs + delayNs, callback);
            pending.add(timer);
            return () -> pending.remove(timer);
        }

        @Override
        public long nowNs() {
            return nowNs;
        }

        /** Sleeps, as a reactor does, until the next timer; returns for how many milliseconds. */
        long sleepMs() {
            assertEquals(1, pending.size());
            Pending next = pending.removeFirst();
            long sleptNs = next.atNs - nowNs;
            nowNs = next.atNs;
            next.callback.run();
            return sleptNs / MS;
        }
    }

    private final HandTimers timers = new HandTimers();
    private long deadlineNs = Long.MAX_VALUE;
    private int ticks;
    private final Ticker ticker = new Ticker(timers, 100 * MS, () -> deadlineNs, () -> ticks++);

    private void poll() {
        ticker.poll(timers.nowNs);
    }

    @Test
    void aReactorWithNothingToDoSleepsForLong() {
        for (int i = 1; i <= 5; i++) {
            poll();
            assertEquals(100, timers.sleepMs());
            assertEquals(i, ticks);
        }
    }

    @Test
    void wakesWhenSomethingIsDue() {
        deadlineNs = timers.nowNs + 37 * MS;
        poll();
        assertEquals(37, timers.sleepMs());
    }

    @Test
    void whatAnEventMakesDueEarlierIsNotLate() {
        poll();
        deadlineNs = timers.nowNs + 20 * MS;
        poll();
        assertEquals(20, timers.sleepMs());
    }

    @Test
    void whatIsOverdueDoesNotKeepTheReactorAwake() {
        deadlineNs = Long.MIN_VALUE;
        poll();
        poll();
        assertEquals(10, timers.sleepMs());
    }
}
