package io.stria.control.consensus;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.ratis.server.RaftServer;

/**
 * Ratis tells of every setting and step at level INFO, and of a peer that is away about once a
 * second with a stack trace: only what it calls an error is passed on. With {@code
 * -Dstria.log.elections=true} so is who stands for election and why, who votes for whom, and why a
 * leader ends: some lines a second where a voter is cut off.
 */
final class QuietLogs {
    /** A system property. */
    static final String ASKED_FOR = "stria.log.elections";

    // Held, since the logging framework keeps no hold of loggers and would forget the levels.
    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger("org.apache.ratis"), Logger.getLogger("io.netty"));

    private static final List<Logger> ELECTIONS =
            Stream.of(
                            RaftServer.Division.class.getName(),
                            "org.apache.ratis.server.impl.FollowerState",
                            "org.apache.ratis.server.impl.LeaderElection",
                            "org.apache.ratis.util.JvmPauseMonitor")
                    .map(Logger::getLogger)
                    .toList();

    private QuietLogs() {}

    static void on() {
        LOGGERS.forEach(logger -> logger.setLevel(Level.SEVERE));
        Level elections = Boolean.getBoolean(ASKED_FOR) ? Level.INFO : Level.SEVERE;
        ELECTIONS.forEach(logger -> logger.setLevel(elections));
    }
}
