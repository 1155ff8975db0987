package io.stria.node.cli;

import io.stria.node.cluster.ClusterDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** What a node that would not start has printed, or where more stands. */
final class LastWords {
    private LastWords() {}

    static String of(ClusterDirectory directory, int node) {
        try {
            List<String> lines =
                    Files.readAllLines(directory.nodeDirectory(node).resolve("console.log"));
            List<String> said =
                    lines.stream()
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
