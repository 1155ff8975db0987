package io.stria.node.supervise;

import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Node processes whose supervisor was killed: they go on serving, and nobody attests their end. */
public final class Orphans {
    private Orphans() {}

    static List<ProcessId> find(ClusterDirectory directory, ClusterFile cluster) {
        List<ProcessId> alive = new ArrayList<>();
        // One that was removed is told so when it hears a leader, and runs until then.
        List<Integer> ids = new ArrayList<>(cluster.removed());
        cluster.nodes().forEach(node -> ids.add(node.id()));
        for (int nodeId : ids) {
            try {
                byte[] bytes =
                        Files.readAllBytes(
                                directory.nodeDirectory(nodeId).resolve(NodeProcess.PID_FILE));
                ProcessId id = Json.read(bytes, 0, bytes.length, ProcessId.class);
                if (id.isAlive()) {
                    alive.add(id);
                }
            } catch (IOException e) {
                // Never started, or its file was cut short by a crash of the machine.
            }
        }
        return alive;
    }

    /**
     * @throws ClusterException if there are some
     */
    public static void refuse(ClusterDirectory directory, ClusterFile cluster) {
        List<ProcessId> orphans = find(directory, cluster);
        if (!orphans.isEmpty()) {
            throw new ClusterException(
                    "%d node processes of %s run without their supervisor: stop them with `stria down --dir %s`"
                            .formatted(orphans.size(), directory.path(), directory.path()));
        }
    }
}
