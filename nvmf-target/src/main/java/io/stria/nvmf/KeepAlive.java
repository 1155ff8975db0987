package io.stria.nvmf;

import io.stria.runtime.Timers;
import org.jspecify.annotations.Nullable;

/**
 * Ends a controller whose host has fallen silent: after one whole period without a command, so
 * between one and two keep alive timeouts after the last one.
 */
final class KeepAlive {
    private final Timers timers;
    private final Runnable onSilence;
    private Timers.@Nullable Timer timer;
    private long timeoutMs;
    private boolean heard;

    KeepAlive(Timers timers, Runnable onSilence) {
        this.timers = timers;
        this.onSilence = onSilence;
    }

    /** 0: a silent host is left alone. */
    void start(long newTimeoutMs) {
        stop();
        timeoutMs = newTimeoutMs;
        if (timeoutMs > 0) {
            schedule();
        }
    }

    long timeoutMs() {
        return timeoutMs;
    }

    void onTraffic() {
        heard = true;
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void schedule() {
        heard = false;
        timer = timers.schedule(timeoutMs * 1_000_000L, this::check);
    }

    private void check() {
        if (heard) {
            schedule();
        } else {
            timer = null;
            onSilence.run();
        }
    }
}
