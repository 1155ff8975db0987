package io.stria.runtime;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a sleeping reactor for what pollers added before this one have to do at a time, without an
 * event of the engine: as late as they allow, so that an idle reactor sleeps. Runs on the reactor.
 */
public final class Ticker implements Poller {
    /** Who wants to run at once has just run, and would keep the reactor awake for nothing. */
    public static final long SLEEP_MIN_NS = 10_000_000L;

    private final Timers timers;
    private final long sleepMaxNs;
    private final LongSupplier nextDeadlineNs;
    private final Runnable onTick;
    private Timers.@Nullable Timer timer;
    private long armedNs = Long.MAX_VALUE;

    /**
     * @param sleepMaxNs wakes at least this often, whatever they say
     * @param nextDeadlineNs when the pollers have something to do next; {@code Long.MIN_VALUE}
     *     while they would rather be polled
     * @param onTick runs at every tick
     */
    public Ticker(Timers timers, long sleepMaxNs, LongSupplier nextDeadlineNs, Runnable onTick) {
        this.timers = timers;
        this.sleepMaxNs = sleepMaxNs;
        this.nextDeadlineNs = nextDeadlineNs;
        this.onTick = onTick;
    }

    @Override
    public int poll(long nowNs) {
        long deadlineNs = nextDeadlineNs.getAsLong();
        long sleepNs =
                deadlineNs <= nowNs
                        ? SLEEP_MIN_NS
                        : Math.clamp(deadlineNs - nowNs, SLEEP_MIN_NS, sleepMaxNs);
        if (nowNs + sleepNs < armedNs) {
            if (timer != null) {
                timer.cancel();
            }
            armedNs = nowNs + sleepNs;
            timer = timers.schedule(sleepNs, this::tick);
        }
        return 0;
    }

    private void tick() {
        timer = null;
        armedNs = Long.MAX_VALUE;
        onTick.run();
    }
}
