package io.stria.nvmf;

import io.stria.runtime.Timers;
import org.jspecify.annotations.Nullable;

/**
 * Ends a controller whose host has fallen silent: after one whole period without a command. A
 * period is twice the keep alive timeout, because a host that trusts in its traffic may be silent
 * for all of that, counted from the answer to its last command, which may have been a slow one. A
 * host that is kept waiting for a queue is not silent: it may send nothing before it has that.
 */
final class KeepAlive {
    /** KAS: timeouts are rounded up to multiples of this. */
    static final int UNIT_MS = 100;

    private static final long PERIOD_NS_PER_MS = 2_000_000;

    private final Timers timers;
    private final Runnable onSilence;
    private Timers.@Nullable Timer timer;
    private long timeoutMs;
    private long heardNs;

    /** Connects that wait. */
    private int held;

    KeepAlive(Timers timers, Runnable onSilence) {
        this.timers = timers;
        this.onSilence = onSilence;
    }

    /** 0: a silent host is left alone. */
    void start(long newTimeoutMs) {
        stop();
        timeoutMs = (newTimeoutMs + UNIT_MS - 1) / UNIT_MS * UNIT_MS;
        if (timeoutMs > 0) {
            heardNs = timers.nowNs();
            schedule();
        }
    }

    long timeoutMs() {
        return timeoutMs;
    }

    /**
     * A command came.
     *
     * @param nowNs the loop's time
     */
    void onTraffic(long nowNs) {
        heardNs = nowNs;
    }

    /** Its host is kept waiting, until {@link #release}. */
    void hold() {
        held++;
    }

    /** That was answered, or nobody waits for an answer. */
    void release() {
        held--;
        heardNs = timers.nowNs();
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** When it will have been silent for a whole period, as far as anybody knows now. */
    private void schedule() {
        long silentAtNs = heardNs + timeoutMs * PERIOD_NS_PER_MS;
        timer = timers.schedule(silentAtNs - timers.nowNs(), this::check);
    }

    private void check() {
        if (held > 0) {
            heardNs = timers.nowNs();
        }
        if (timers.nowNs() - heardNs < timeoutMs * PERIOD_NS_PER_MS) {
            schedule();
        } else {
            timer = null;
            onSilence.run();
        }
    }
}
