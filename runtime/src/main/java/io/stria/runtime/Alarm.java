package io.stria.runtime;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a sleeping reactor at the very time that pollers added before this one name, and only then;
 * a {@link Ticker} is for what may be late. Runs on the reactor.
 */
public final class Alarm implements Poller {
    private final Timers timers;
    private final LongSupplier nextDeadlineNs;
    private final Runnable ring = this::ring;
    private Timers.@Nullable Timer timer;
    private long armedNs = Long.MAX_VALUE;

    /**
     * @param nextDeadlineNs when they have to be polled; {@code Long.MAX_VALUE} if not at all. One
     *     that is put off is still kept once.
     */
    public Alarm(Timers timers, LongSupplier nextDeadlineNs) {
        this.timers = timers;
        this.nextDeadlineNs = nextDeadlineNs;
    }

    @Override
    public int poll(long nowNs) {
        long deadlineNs = nextDeadlineNs.getAsLong();
        if (deadlineNs < armedNs) {
            if (timer != null) {
                timer.cancel();
            }
            armedNs = deadlineNs;
            timer = timers.schedule(Math.max(0, deadlineNs - nowNs), ring);
        }
        return 0;
    }

    private void ring() {
        timer = null;
        armedNs = Long.MAX_VALUE;
    }
}
