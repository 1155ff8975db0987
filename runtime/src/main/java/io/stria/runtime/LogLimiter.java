package io.stria.runtime;

import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keeps what happens again and again from filling the log: of each kind the first lines of a minute
 * are written whole, the rest are counted and told in one line when the minute is over. Belongs to
 * one thread, which calls {@link #tell} from time to time.
 */
public final class LogLimiter {
    private static final long WINDOW_NS = 60_000_000_000L;

    /** Kinds are words of ours, not of a peer; a mistake here must not cost memory all the same. */
    private static final int KINDS_MAX = 64;

    private final System.Logger log;
    private final Clock clock;
    private final int linesPerMinute;
    private final Map<String, Window> windows = new LinkedHashMap<>();

    public LogLimiter(System.Logger log, Clock clock, int linesPerMinute) {
        this.log = log;
        this.clock = clock;
        this.linesPerMinute = linesPerMinute;
    }

    /**
     * Writes the line, unless there were too many of its kind within a minute.
     *
     * @param kind what happened, without names and numbers: "a connection was refused"
     */
    public void log(Level level, String kind, String line) {
        long nowNs = clock.nowNs();
        Window window = windows.get(kind);
        if (window == null) {
            if (windows.size() == KINDS_MAX) {
                return;
            }
            window = new Window(nowNs);
            windows.put(kind, window);
        }
        if (nowNs - window.startNs >= WINDOW_NS) {
            tell(kind, window, nowNs);
        }
        window.level = level;
        if (window.lines < linesPerMinute) {
            window.lines++;
            log.log(level, line);
        } else {
            window.leftOut++;
        }
    }

    /** Says how much was left out in minutes that are over. */
    public void tell() {
        long nowNs = clock.nowNs();
        windows.forEach((kind, window) -> {
            if (window.leftOut > 0 && nowNs - window.startNs >= WINDOW_NS) {
                tell(kind, window, nowNs);
            }
        });
    }

    private void tell(String kind, Window window, long nowNs) {
        if (window.leftOut > 0) {
            log.log(window.level, kind + ": and " + window.leftOut + " more in the last minute");
        }
        window.startNs = nowNs;
        window.lines = 0;
        window.leftOut = 0;
    }

    private static final class Window {
        private long startNs;
        private int lines;
        private long leftOut;
        private Level level = Level.INFO;

        Window(long startNs) {
            this.startNs = startNs;
        }
    }
}
