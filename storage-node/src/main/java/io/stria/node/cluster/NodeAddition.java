package io.stria.node.cluster;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.nvmf.ControllerIds;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * One more node for a cluster that was made on this machine: its directory, devices and place in
 * the cluster's file. It takes no part in consensus, whose voters do not change. An addition that
 * was cut short is cleared away by the next one.
 */
public final class NodeAddition {
    private final ClusterDirectory directory;
    private final FreeSpace freeSpace;

    public NodeAddition(ClusterDirectory directory) {
        this(directory, FreeSpace.REAL);
    }

    NodeAddition(ClusterDirectory directory, FreeSpace freeSpace) {
        this.directory = directory;
        this.freeSpace = freeSpace;
    }

    /**
     * As the last one, with the next id and the next ports. Changes nothing.
     *
     * @param devices 0 for as many as the last one has
     * @param deviceBytes 0 for as large as those of the last one
     * @throws ClusterException if there can be no such node
     */
    public ClusterNode plan(int devices, long deviceBytes) {
        ClusterFile cluster = directory.read();
        ClusterNode last = cluster.nodes().getLast();
        int id = cluster.nextId();
        int port = last.dataPort() + ClusterNode.PORTS * (id - last.id());
        if (id > ControllerIds.NODES_MAX) {
            throw new ClusterException(
                    "a cluster has at most %d nodes%s"
                            .formatted(
                                    ControllerIds.NODES_MAX,
                                    cluster.removed().isEmpty()
                                            ? ""
                                            : ", with those that were removed: no node gets the"
                                                    + " number of another"));
        }
        if (Files.exists(directory.nodeDirectory(id)) && !Files.exists(makingMark(id))) {
            throw new ClusterException(directory.nodeDirectory(id) + " is in the way");
        }
        DeviceKind kind = last.devices().getFirst().kind();
        if (kind.isNamed()) {
            throw new ClusterException(
                    "a node with %s devices cannot be added yet: nothing says which are meant"
                            .formatted(kind));
        }
        // As `up` would have made it, and with the same limits.
        ClusterPlan plan =
                new ClusterPlan(
                        1,
                        devices == 0 ? last.devices().size() : devices,
                        deviceBytes == 0 ? last.devices().getFirst().sizeBytes() : deviceBytes,
                        last.address(),
                        port,
                        new Scheme(1),
                        Tolerance.NODE,
                        cluster.engine(),
                        kind,
                        List.of());
        return ClusterNode.of(id, plan.address(), port, false, plan.drawDevices(id));
    }

    /**
     * @param node as planned
     * @throws ClusterException if its ports are taken, there is no room for its devices, or
     *     something cannot be written
     */
    public void make(ClusterNode node) {
        try (ClusterFileLock file = ClusterFileLock.take(directory)) {
            make(file, node);
        }
    }

    private void make(ClusterFileLock file, ClusterNode node) {
        ClusterFile cluster = file.read();
        if (cluster.nextId() != node.id()) {
            throw new ClusterException("another node was added meanwhile: try again");
        }
        Ports.checkNext(node);
        Path home = directory.nodeDirectory(node.id());
        Path making = makingMark(node.id());
        try {
            clearUnfinished(home, making);
            freeSpace.check(home, node.devices().size(), node.devices().getFirst().kind());
            DurableFiles.write(making, new byte[0]);
            ClusterMaker.makeNode(directory, node);
            // Until then nobody knows of it.
            file.write(cluster.withAnother(node));
            Files.delete(making);
        } catch (IOException e) {
            throw new ClusterException(
                    "node %d cannot be made in %s: %s".formatted(node.id(), home, IoReason.of(e)),
                    e);
        }
    }

    /**
     * Takes back a node that could not be started. To be called while it does not run.
     *
     * @return false if it stays: one that has formatted all of its devices may be known to others
     * @throws ClusterException if the cluster's file cannot be written
     */
    public boolean takeBack(ClusterNode node) {
        try (ClusterFileLock file = ClusterFileLock.take(directory)) {
            ClusterFile cluster = file.read();
            boolean unknown = node.devices().stream().anyMatch(directory::isFresh);
            if (!unknown || !cluster.nodes().getLast().equals(node)) {
                return false;
            }
            // A full disk may be why it could not be started, and has no room for what follows.
            for (ClusterDevice device : node.devices()) {
                empty(device);
            }
            // Its logs stay until the next one is made, as of an addition that was cut short.
            DurableFiles.write(makingMark(node.id()), new byte[0]);
            file.write(cluster.withoutLast());
            return true;
        } catch (IOException e) {
            throw new ClusterException(
                    "node %d cannot be taken back: %s".formatted(node.id(), IoReason.of(e)), e);
        }
    }

    /** As it was made; one that is formatted keeps what it holds, since it would not be again. */
    private void empty(ClusterDevice device) throws IOException {
        Path path = directory.devicePath(device);
        if (device.kind() == DeviceKind.FILE
                && directory.isFresh(device)
                && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
                    .close();
            DevicePlace.of(directory, device).makeRoom();
        }
    }

    /** There while the node is being made, which the cluster's file does not name yet. */
    private Path makingMark(int id) {
        Path home = directory.nodeDirectory(id);
        return home.resolveSibling(home.getFileName() + ".making");
    }

    /** What an addition left that was cut short; nobody has used it. */
    private static void clearUnfinished(Path home, Path making) throws IOException {
        if (Files.exists(making) && Files.exists(home)) {
            FileTree.delete(home);
        }
    }
}
