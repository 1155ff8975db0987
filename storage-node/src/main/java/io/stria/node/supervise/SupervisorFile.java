package io.stria.node.supervise;

import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How to reach the supervisor of a cluster: {@code supervisor.json}, for its user only.
 *
 * @param socket where it takes requests, see {@link ControlSocket}
 * @param token what each request shows
 */
public record SupervisorFile(ProcessId process, String socket, String token) {
    private static final String NAME = "supervisor.json";

    static Path in(ClusterDirectory directory) {
        return directory.path().resolve(NAME);
    }

    /** Of a supervisor that runs. */
    public static Optional<SupervisorFile> read(ClusterDirectory directory) {
        try {
            byte[] bytes = Files.readAllBytes(in(directory));
            SupervisorFile file = Json.read(bytes, 0, bytes.length, SupervisorFile.class);
            return file.process().isAlive() ? Optional.of(file) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * @throws ClusterException if one runs the cluster
     */
    public static void refuseAnother(ClusterDirectory directory) {
        read(directory)
                .ifPresent(running -> {
                    throw new ClusterException(
                            "the cluster in %s runs already (pid %d); stop it with `stria down`"
                                    .formatted(directory.path(), running.process().pid()));
                });
    }

    @Override
    public String toString() {
        return "supervisor " + process.pid() + " at " + socket;
    }
}
