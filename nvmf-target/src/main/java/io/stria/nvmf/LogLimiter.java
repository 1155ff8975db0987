package io.stria.nvmf;

import io.stria.runtime.Timers;
import java.lang.System.Logger.Level;

/**
 * A log that peers cannot flood: what they do wrong is written down a few times a second at most,
 * with the number of lines left out.
 */
final class LogLimiter {
    private static final System.Logger LOG = System.getLogger("io.stria.nvmf");
    private static final long WINDOW_NS = 1_000_000_000L;
    private static final int LINES_PER_WINDOW = 10;

    private final Timers timers;
    private long windowStartNs;
    private int lines;
    private long leftOut;

    LogLimiter(Timers timers) {
        this.timers = timers;
        this.windowStartNs = timers.nowNs();
    }

    void info(String line) {
        log(Level.INFO, line);
    }

    void warning(String line) {
        log(Level.WARNING, line);
    }

    /** One that must not be left out: of what cannot happen often, such as reaching a limit. */
    void always(String line) {
        LOG.log(Level.WARNING, line);
    }

    private void log(Level level, String line) {
        long nowNs = timers.nowNs();
        if (nowNs - windowStartNs >= WINDOW_NS) {
            windowStartNs = nowNs;
            lines = 0;
            if (leftOut > 0) {
                LOG.log(Level.WARNING, leftOut + " lines were left out");
                leftOut = 0;
            }
        }
        if (lines < LINES_PER_WINDOW) {
            lines++;
            LOG.log(level, line);
        } else {
            leftOut++;
        }
    }
}
