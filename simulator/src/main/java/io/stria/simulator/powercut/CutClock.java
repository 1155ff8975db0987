package io.stria.simulator.powercut;

import io.stria.runtime.Clock;
import io.stria.runtime.Timers;
import java.util.PriorityQueue;

/** Time that stands still until somebody moves it on, and what is due then. */
final class CutClock implements Clock, Timers {
    private static final class Due implements Timer, Comparable<Due> {
        final long atNs;
        final long order;
        final Runnable callback;
        boolean cancelled;

        Due(long atNs, long order, Runnable callback) {
            this.atNs = atNs;
            this.order = order;
            this.callback = callback;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Due other) {
            return atNs != other.atNs
                    ? Long.compare(atNs, other.atNs)
                    : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private long nowNs = 1_000_000_000L;
    private long scheduled;

    @Override
    public Timer schedule(long delayNs, Runnable callback) {
        Due due = new Due(nowNs + delayNs, scheduled++, callback);
        queue.add(due);
        return due;
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    /** Runs what is due now; what that schedules waits for the next call. */
    int runDue() {
        long before = scheduled;
        int ran = 0;
        for (Due due = queue.peek();
                due != null && due.atNs <= nowNs && due.order < before;
                due = queue.peek()) {
            queue.remove();
            if (!due.cancelled) {
                due.callback.run();
                ran++;
            }
        }
        return ran;
    }

    /** When something is due next. */
    long nextNs() {
        for (Due due = queue.peek(); due != null && due.cancelled; due = queue.peek()) {
            queue.remove();
        }
        Due due = queue.peek();
        return due == null ? Long.MAX_VALUE : due.atNs;
    }

    void moveTo(long timeNs) {
        assert timeNs >= nowNs;
        nowNs = timeNs;
    }
}
