package io.stria.node.cluster;

import java.io.IOException;

/**
 * Takes a node that the cluster has removed out of the cluster's file: it is not started any more.
 * Its directory stays, with what its devices held.
 */
public final class NodeRemoval {
    private final ClusterDirectory directory;

    public NodeRemoval(ClusterDirectory directory) {
        this.directory = directory;
    }

    /**
     * Changes nothing if that was done before.
     *
     * @throws ClusterException if the file cannot be read or written
     */
    public void forget(int id) {
        try (ClusterFileLock file = ClusterFileLock.take(directory)) {
            ClusterFile cluster = file.read();
            if (!cluster.removed().contains(id)) {
                file.write(cluster.withRemoved(id));
            }
        } catch (IOException e) {
            throw new ClusterException(
                    "node %d is removed, but stays in %s, so that `up` would start it: %s"
                            .formatted(id, directory.clusterFile(), IoReason.of(e)),
                    e);
        }
    }
}
