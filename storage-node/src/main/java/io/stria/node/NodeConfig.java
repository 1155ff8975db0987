package io.stria.node;

import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.Secret;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What one node process is told.
 *
 * @param directory of the whole cluster
 * @param startMillis when the process was started, on the wall clock; whoever started it knows it
 *     as well, and names the process by it
 */
public record NodeConfig(
        ClusterDirectory directory,
        ClusterFile cluster,
        ClusterNode node,
        Secret secret,
        long startMillis) {
    /**
     * Reads what the cluster's directory says about one node.
     *
     * @throws io.stria.node.cluster.ClusterException if there is no such cluster or node
     */
    public static NodeConfig read(Path directory, int nodeId, long startMillis) {
        ClusterDirectory home = new ClusterDirectory(directory);
        ClusterFile cluster = home.read();
        return new NodeConfig(home, cluster, cluster.node(nodeId), home.readSecret(), startMillis);
    }

    public int id() {
        return node.id();
    }

    /** For this node's own files. */
    public Path nodeDirectory() {
        return directory.nodeDirectory(node.id());
    }

    public Path devicePath(ClusterDevice device) {
        return directory.devicePath(device);
    }

    /**
     * Whether the device was made with the cluster and never formatted: the explicit word without
     * which no device is.
     */
    public boolean mayFormat(ClusterDevice device) {
        return directory.isFresh(device);
    }

    /**
     * To be called when the device's format is durable: from then on it is never formatted again.
     */
    public void formatted(ClusterDevice device) throws IOException {
        directory.forgetFresh(device);
    }
}
