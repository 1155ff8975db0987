package io.stria.node.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The directory of the cluster that {@code up} started last on this machine, for its user; none
 * when it has gone.
 */
final class LastCluster {
    private LastCluster() {}

    static Optional<Path> find() {
        try {
            String line = Files.readString(file(), StandardCharsets.UTF_8).strip();
            Path directory = Path.of(line);
            return !line.isEmpty() && Files.isDirectory(directory)
                    ? Optional.of(directory)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static void remember(Path directory) throws IOException {
        Path file = file();
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, directory + "\n", StandardCharsets.UTF_8);
    }

    private static Path file() {
        String state = System.getenv("XDG_STATE_HOME");
        Path base =
                state == null || state.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".local", "state")
                        : Path.of(state);
        return base.resolve("stria").resolve("last");
    }
}
