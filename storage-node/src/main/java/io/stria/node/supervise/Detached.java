package io.stria.node.supervise;

import io.stria.node.cluster.ClusterDirectory;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;

/** Starts a supervisor that outlives this process, in a session of its own. */
public final class Detached {
    private Detached() {}

    /** Where it writes. */
    public static Path log(ClusterDirectory directory) {
        return directory.path().resolve("supervisor.log");
    }

    public static Process start(ClusterDirectory directory, String mainClass, String... arguments)
            throws IOException {
        return new ProcessBuilder(NodeCommand.ofCli(directory.path(), mainClass, arguments))
                .directory(directory.path().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ConsoleLog.begin(log(directory)))
                .start();
    }
}
