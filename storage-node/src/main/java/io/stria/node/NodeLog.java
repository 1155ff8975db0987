package io.stria.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** Sends everything that is logged in this process to the node's own log. */
final class NodeLog {
    /** What libraries say below a warning is of no use to whoever runs a cluster. */
    private static final Level LIBRARIES = Level.WARNING;

    /** Kept, since loggers that nobody holds are forgotten with their level. */
    private static final Logger OURS = Logger.getLogger("io.stria");

    /** Warns at every start of packages it could reach into, and need not. */
    private static final Logger HAZELCAST_START =
            Logger.getLogger("com.hazelcast.instance.impl.HazelcastInstanceFactory");

    private NodeLog() {}

    static void open(Path file) throws IOException {
        LogManager.getLogManager().reset();
        Handler handler = new RotatingLog(file);
        handler.setFormatter(new LogLine());
        Logger root = Logger.getLogger("");
        root.setLevel(LIBRARIES);
        root.addHandler(handler);
        OURS.setLevel(Level.INFO);
        HAZELCAST_START.setLevel(Level.SEVERE);
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) ->
                OURS.log(Level.SEVERE, "thread " + thread.getName() + " ended", failure));
    }
}
