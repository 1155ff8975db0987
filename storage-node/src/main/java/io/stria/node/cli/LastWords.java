package io.stria.node.cli;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.supervise.ConsoleLog;
import io.stria.node.supervise.NodeStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a node that would not start has printed, or where more stands. */
final class LastWords {
    private LastWords() {}

    /** A sentence about one that has ended, or could not be started. */
    static String ofEnded(ClusterDirectory directory, NodeStatus process) {
        return process.pid() == 0
                ? process.ending()
                : "node %d ended %s: %s"
                        .formatted(process.id(), process.ending(), of(directory, process.id()));
    }

    private static String of(ClusterDirectory directory, int node) {
        try {
            Path console = directory.nodeDirectory(node).resolve("console.log");
            List<String> said =
                    ConsoleLog.lastStart(console)
                            .lines()
                            .filter(line -> !line.isBlank() && !line.startsWith("WARNING: "))
                            .toList();
            if (!said.isEmpty()) {
                return said.getLast();
            }
        } catch (IOException e) {
            // It did not come to that.
        }
        return "see " + directory.nodeDirectory(node).resolve("node.log");
    }
}
