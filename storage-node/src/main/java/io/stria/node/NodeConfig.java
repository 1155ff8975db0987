package io.stria.node;

import io.stria.control.security.ClusterSecret;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.DeviceKind;
import io.stria.node.cluster.EngineKind;
import io.stria.node.cluster.IoReason;
import io.stria.node.cluster.SpdkDevice;
import io.stria.runtime.spdk.SpdkAddress;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one node process is told.
 *
 * @param directory of the whole cluster
 * @param engine how it reaches sockets and devices
 * @param start names the process; whoever started it knows it as well and attests its end by it
 * @param heartbeat shared memory of whoever watches it, if anybody does
 */
public record NodeConfig(
        ClusterDirectory directory,
        ClusterFile cluster,
        ClusterNode node,
        ClusterSecret secret,
        long start,
        EngineKind engine,
        @Nullable Path heartbeat) {
    private static final System.Logger LOG = System.getLogger(NodeConfig.class.getName());

    /**
     * Reads what the cluster's directory says about one node.
     *
     * @throws io.stria.node.cluster.ClusterException if there is no such cluster or node
     */
    public static NodeConfig read(Path directory, int nodeId, long start) {
        ClusterDirectory home = new ClusterDirectory(directory);
        ClusterFile cluster = home.read();
        return new NodeConfig(
                home,
                cluster,
                home.atStart(cluster.node(nodeId)),
                home.readSecret(),
                start,
                cluster.engine(),
                null);
    }

    public NodeConfig on(EngineKind otherEngine) {
        return new NodeConfig(directory, cluster, node, secret, start, otherEngine, heartbeat);
    }

    public NodeConfig watchedAt(@Nullable Path sharedMemory) {
        return new NodeConfig(directory, cluster, node, secret, start, engine, sharedMemory);
    }

    public int id() {
        return node.id();
    }

    /** Whether this node, or another one at its address, listens on this port. */
    boolean isMembers(int port) {
        return cluster.nodes().stream()
                .filter(member -> member.address().equals(node.address()))
                .anyMatch(member -> member.ports().contains(port));
    }

    /** The same at every start, and of no other node of any cluster. */
    public UUID identity() {
        String words = "stria node %d of %s".formatted(node.id(), cluster.clusterId());
        return UUID.nameUUIDFromBytes(words.getBytes(StandardCharsets.US_ASCII));
    }

    /** For this node's own files. */
    public Path nodeDirectory() {
        return directory.nodeDirectory(node.id());
    }

    public Path devicePath(ClusterDevice device) {
        return directory.devicePath(device);
    }

    /**
     * Where the devices are that this node drives through SPDK; without one of which that is not
     * told, which is refused when it is to be opened.
     */
    List<SpdkAddress> spdkDevices() {
        List<SpdkAddress> addresses = new ArrayList<>();
        for (ClusterDevice device : node.devices()) {
            if (device.kind() == DeviceKind.SPDK) {
                try {
                    addresses.add(SpdkDevice.read(devicePath(device)));
                } catch (IOException e) {
                    LOG.log(Level.WARNING, "{0}: {1}", devicePath(device), IoReason.of(e));
                }
            }
        }
        return addresses;
    }

    /**
     * Whether the device was made with the cluster and never formatted: the explicit word without
     * which no device is. Nothing lies on one in memory.
     */
    public boolean mayFormat(ClusterDevice device) {
        return !device.kind().isKept() || directory.isFresh(device);
    }

    /**
     * To be called when the device's format is durable: from then on it is never formatted again.
     */
    public void formatted(ClusterDevice device) throws IOException {
        directory.forgetFresh(device);
    }

    /** Whether this node, as the cluster, was made and never ran. */
    public boolean mayFormatDecisions() {
        return directory.isFresh(decisions());
    }

    /**
     * To be called when the node's decisions are durable: from then on a loss of them is an error.
     */
    public void decisionsFormatted() throws IOException {
        directory.forgetFresh(decisions());
    }

    /** Directory of this node's end of the decisions' log. */
    public Path decisions() {
        return nodeDirectory().resolve(ClusterDirectory.DECISIONS);
    }

    /** For messages and logs: nothing secret is in it. */
    @Override
    public String toString() {
        return "node %d of cluster %s in %s"
                .formatted(node.id(), cluster.clusterId(), directory.path());
    }
}
