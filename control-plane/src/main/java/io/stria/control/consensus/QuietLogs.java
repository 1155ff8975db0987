package io.stria.control.consensus;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Ratis tells of every setting and step at level INFO, and of a peer that is away about once a
 * second with a stack trace: only what it calls an error is passed on.
 */
final class QuietLogs {
    // Held, since the logging framework keeps no hold of loggers and would forget the levels.
    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger("org.apache.ratis"), Logger.getLogger("io.netty"));

    private QuietLogs() {}

    static void on() {
        LOGGERS.forEach(logger -> logger.setLevel(Level.SEVERE));
    }
}
